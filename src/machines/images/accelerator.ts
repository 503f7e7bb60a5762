/**
 * Which accelerator QEMU can really use here. /dev/kvm may exist, open, and still hang a stock kernel (nested hosts), so
 * the answer comes from booting the image's kernel under KVM with a time limit, and is remembered per QEMU, host kernel
 * and processor.
 */
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { writeAtomic } from "../../storage/atomic-write.ts";
import { canonicalJson, sha256 } from "../../storage/digest.ts";
import { cachePath } from "../../storage/folders.ts";
import { withLock } from "../../storage/lock.ts";
import type { ImageFiles } from "./image.ts";
import { elapsed, machineType, runTool, type Accelerator, type Report } from "../host/index.ts";

/** QEMU and how it runs machines here. */
export interface Host {
  /** `7.2.22` */
  qemu: string;
  accelerator: Accelerator;
  /** what a saved machine state depends on besides QEMU: the host's processor under KVM, nothing in software */
  processor: string;
}

const AnswerSchema = z.object({ accelerator: z.enum(["kvm", "tcg"]), because: z.string() });

/** Seconds that a kernel gets to reach its first program under KVM; a working one needs about one. */
const probeSeconds = 15;

/** The accelerator for this host, probed once with the image's kernel. @throws EdgeError when QEMU is missing. */
export async function probeHost(image: ImageFiles, report: Report): Promise<Host> {
  const qemu = await qemuVersion();
  const model = cpus()[0]?.model ?? "unknown";
  const key = sha256(canonicalJson({ qemu, kernel: release(), model, device: kvmDevice(), machineType })).slice(0, 16);
  const file = cachePath("accelerators", `${key}.json`);
  const answer =
    remembered(file) ??
    (await withLock(
      `${file}.lock`,
      60,
      async () => remembered(file) ?? (await probe(image, file, report)),
      "trying KVM",
    ));
  return { qemu, accelerator: answer.accelerator, processor: answer.accelerator === "kvm" ? model : "" };
}

let version: Promise<string> | undefined;

/** The version of QEMU, asked once a process. */
async function qemuVersion(): Promise<string> {
  version ??= runTool("qemu-system-x86_64", ["--version"], { from: "qemu-system-x86" }).then(
    (text) => /version (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? "unknown",
  );
  return version.catch((e: unknown) => {
    version = undefined;
    throw e;
  });
}

function kvmDevice(): "usable" | "absent" {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return "usable";
  } catch {
    return "absent";
  }
}

function remembered(file: string): z.output<typeof AnswerSchema> | undefined {
  try {
    return AnswerSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

async function probe(image: ImageFiles, file: string, report: Report): Promise<z.output<typeof AnswerSchema>> {
  const tcg = (because: string) => ({ accelerator: "tcg" as const, because });
  const answer =
    kvmDevice() === "usable" ? await tryKvm(image, report, tcg) : tcg("no /dev/kvm that this user may open");
  report(`accelerator: ${answer.accelerator === "kvm" ? "KVM" : "software emulation"} (${answer.because})`);
  writeAtomic(file, JSON.stringify(answer) + "\n");
  return answer;
}

async function tryKvm(
  image: ImageFiles,
  report: Report,
  tcg: (because: string) => z.output<typeof AnswerSchema>,
): Promise<z.output<typeof AnswerSchema>> {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "greenlight-probe-"));
  const console = join(folder, "console.log");
  const { execa } = await import("execa");
  const child = execa(
    "timeout",
    // prettier-ignore
    ["-s", "KILL", String(probeSeconds + 2), "setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64",
      "-no-user-config", "-nodefaults", "-machine", `${machineType},accel=kvm`, "-cpu", "host", "-m", "256", "-display", "none", "-no-reboot",
      "-kernel", join(image.folder, "vmlinuz"), "-initrd", join(image.folder, "initrd.img"), "-append", "console=ttyS0 panic=-1",
      "-serial", `file:${console}`],
    { stdio: "ignore", killSignal: "SIGKILL", killDescendants: true, reject: false },
  );
  let ended = false;
  void child.then(() => (ended = true));
  try {
    report("accelerator: trying KVM");
    while (!ended && performance.now() - started < probeSeconds * 1000) {
      await sleep(100);
      let text = "";
      try {
        text = readFileSync(console, "utf8");
      } catch {
        // Not written yet.
      }
      if (/Run \/init as init process/.test(text)) return { accelerator: "kvm", because: "a kernel booted under KVM" };
    }
    return tcg(
      ended
        ? `QEMU could not use KVM, ${elapsed(started)}`
        : `a kernel did not boot under KVM within ${probeSeconds} s`,
    );
  } finally {
    // The whole group, QEMU with it. Not waited for: a kernel that hangs in KVM may keep its process for a while.
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
