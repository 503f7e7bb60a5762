/** Memory of large buffers, given back when they are done with: the collector waits for tens of megabytes of them. */

/** Buffers of fewer bytes may lie in memory that Node shares among many. */
const OWN = 128 << 10;

/** Gives back the memory of a buffer that has it for itself, and that nobody looks at again. */
export function release(bytes: Buffer): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= OWN) buffer.transfer(0);
}
