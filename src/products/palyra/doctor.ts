/**
 * What the doctor finds in the installation. It exits with 0 whatever that is, so its report is read: it looks at something, and no
 * check that it calls required fails, but for those that are named here. An installed release may require none; one that
 * does not know that it is installed asks for tools of developers, which a clean machine has not. What it has looked at stands
 * in its report by value: the configuration and the identity are the installation's, and where there is a daemon, it was reached in each way.
 */
import { z } from "zod";
import type { Check } from "../../checks/check.ts";
import { like } from "../../checks/json.ts";
import { judge, unless } from "../../checks/judging.ts";
import { parseValue } from "../../edges/edges.ts";
import type { Places, Subject } from "../product.ts";

/** Required checks that may fail on a clean machine: of a desktop nothing runs but what its user starts. */
const mayFail: Record<string, string[]> = { desktop: ["gateway_runtime_reachable"] };

const count = z.number();
const ReportSchema = z.looseObject({
  diagnostics: z.looseObject({
    checks: z.array(z.looseObject({ key: z.string(), ok: z.boolean(), required: z.boolean() })).min(1),
    summary: z.looseObject({ required_checks_total: count, required_checks_ok: count, required_checks_failed: count }),
  }),
});

/** No required check fails, and all are counted. */
export const doctorFinds = judge(z.strictObject({ mayFail: z.array(z.string()) }), (given, { own }) => {
  const report = own.json(own.stdout, "the doctor's report");
  const { checks, summary } = parseValue(ReportSchema, report, {
    what: "The doctor's report",
    remedy: "look at it",
  }).diagnostics;
  const required = checks.filter((check) => check.required);
  const failed = required.filter(({ ok }) => !ok).map(({ key }) => key);
  const failing = failed.filter((key) => !given.mayFail.includes(key));
  const wanted = [required.length, required.length - failed.length, failed.length].join(" ");
  const counted = [summary.required_checks_total, summary.required_checks_ok, summary.required_checks_failed].join(" ");
  return [
    ...unless(failing.length === 0, "no required check to fail", `required checks that fail: ${failing.join(" ")}`),
    ...unless(wanted === counted, `required checks as listed: ${wanted}`, `required checks as counted: ${counted}`),
  ];
});

export function doctorCheck({ kind }: Subject, at: Places): Check {
  const daemon = kind !== "desktop";
  const reached = { ok: true };
  const diagnostics = {
    config: { path: `${at.config}/palyra.toml`, exists: true, parsed: true, migration: { requires_writeback: false } },
    identity: { store_root: `${at.state}/identity`, ...(daemon && { exists: true, writable: true }) },
    ...(daemon && { connectivity: { http: reached, grpc: reached, admin: reached } }),
  };
  return {
    name: "doctor",
    login: true,
    within: 60,
    run: ["palyra", "doctor", "--json"],
    expect: {
      stdout: { schema: like({ diagnostics }) },
      judge: { name: "palyra/doctor", given: { mayFail: mayFail[kind] ?? [] } },
    },
  };
}
