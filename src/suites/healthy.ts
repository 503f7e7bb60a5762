/** Whether services answer, and as which version: asked wherever they must run. */
import type { Service } from "../products/index.ts";
import type { Check } from "../checks/check.ts";
import { holding } from "../checks/json.ts";
import { shownWord } from "../edges/shell-word.mjs";
import { installed, onceInstalled, type Lifecycle } from "./lifecycle.ts";

/** The service answers within so many seconds that it is healthy. */
export function healthyCheck(name: string, service: Service, seconds: number, needs = installed): Check {
  const healthy = Object.fromEntries(service.health.json.map(({ path, equals }) => [path, equals]));
  const status = `systemctl status --no-pager -n 5 ${shownWord(`${service.name}.service`)}`;
  return {
    name,
    needs,
    run: `http_wait ${shownWord(service.health.url)} ${seconds} || { ${status} >&2; exit 1; }`,
    within: seconds + 30,
    expect: { stdout: { schema: holding(healthy) } },
  };
}

/** The running service is the version that was installed, by its own word. */
export function identityCheck(name: string, service: Service, version: string, needs = installed): Check {
  return {
    name,
    needs,
    run: ["http_get", service.identity.url],
    expect: { stdout: { schema: holding({ [service.identity.path]: version }) } },
  };
}

/** The product's own word on health: asked wherever services must answer. */
export function ownHealthChecks({ product, subject, at }: Lifecycle): Check[] {
  return (product.checks.healthy?.(subject, at) ?? []).map(onceInstalled);
}
