/** Whose a service's folders are, and their widest modes: what its definition says, or the usual. */
import type { Access, Kind, Service } from "./product.ts";

/** The access to a service's folders, with its user's name in it. */
export function accessOf(
  kind: Pick<Kind, "setup">,
  service: Pick<Service, "user" | "stateAccess" | "configAccess">,
): Record<"state" | "config", Access> {
  const named = ({ owner, mode }: Access): Access => ({ owner: owner.replaceAll("{user}", () => service.user), mode });
  return {
    state: named(service.stateAccess ?? { owner: "{user}:{user}", mode: "0750" }),
    // The product's own configuration is its user's to change, by way of a new file; what root keeps beside it is not (sticky).
    config: named(service.configAccess ?? { owner: "root:{user}", mode: kind.setup ? "1770" : "0750" }),
  };
}
