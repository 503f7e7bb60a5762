/** Reading the plain ones of many small entries with a second thread, where there is a second processor. */
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { HeaderFields } from "./content.ts";
import { PlainContent, plainWork, readNextGroup, STATED, type PlainWork } from "./plain-entries.ts";

/** From so many groups on, or so many entries, a second thread takes less time than it takes to start it. */
const MANY = { groups: 32, entries: 8000 };

/** A thread for the work, whose fault is nobody's: what it has not done is done elsewhere. */
async function helped(work: PlainWork): Promise<void> {
  const thread = new Worker(new URL("./plain-thread.ts", import.meta.url), {
    workerData: work,
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  await once(thread, "exit").catch(() => undefined);
}

/** An entry as the directory states it. */
export type Stated = Pick<HeaderFields, "compressedSize" | "crc" | "size">;

/** Entries of an archive, added in the order of their data, that may be plain: {@link read} finds out which of them are. */
export class PlainReader {
  readonly #work: PlainWork;
  readonly #threads: number;
  #other: Promise<void> | undefined;
  #entries = 0;
  #groups = 0;

  /** `fd` is the archive's, which has at most so many entries. Where these are many, the thread starts while they are added. */
  constructor(fd: number, most: number, threads = availableParallelism()) {
    this.#work = plainWork(fd, most);
    this.#threads = threads;
    if (most >= MANY.entries) this.#help();
  }

  #help(): void {
    if (this.#threads > 1) this.#other ??= helped(this.#work);
  }

  /** Adds an entry whose data lie at `at`; `first`: it begins a new group, which is read in one go. */
  add(at: number, { compressedSize, crc, size }: Stated, first: boolean): void {
    const { stated, ends } = this.#work;
    const place = this.#entries++ * STATED;
    stated[place] = at;
    stated[place + 1] = compressedSize;
    stated[place + 2] = crc;
    stated[place + 3] = size;
    if (first || this.#groups === 0) this.#groups++;
    ends[this.#groups - 1] = this.#entries;
  }

  /** All are added: the other thread begins, where there is one. */
  begin(): void {
    if (this.#groups >= MANY.groups) this.#help();
    this.#say(this.#groups);
  }

  /** Says how many groups there are, for which the other thread may be waiting. */
  #say(groups: number): void {
    Atomics.store(this.#work.groups, 0, groups);
    Atomics.notify(this.#work.groups, 0);
  }

  /**
   * Reads those that nobody has read yet, and answers what is known of each, in the order in which they were added; undefined for
   * those that are not plain, which are to be read one by one.
   */
  async read(): Promise<(PlainContent | undefined)[]> {
    try {
      while (readNextGroup(this.#work));
    } catch {
      // Reading them one by one says what keeps them from being read.
    }
    await this.#other;
    const digests = Buffer.from(this.#work.digests.buffer);
    return Array.from({ length: this.#entries }, (_, n) =>
      this.#work.plain[n] === 1 ? new PlainContent(digests, n) : undefined,
    );
  }

  /** Lets go of the thread, which reads no further group. */
  async close(): Promise<void> {
    this.#say(0);
    await this.#other;
  }
}
