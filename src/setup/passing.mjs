/**
 * What of a person's environment reaches the engine. The engine takes every option from variables as well (PULUMI_OPTION_TARGET,
 * PULUMI_DIY_BACKEND_GZIP and a hundred others), so that a list of what is kept out is never whole: only what is named here passes.
 */

/** Who and where: programs, folders, language, terminal, certificates. */
const NAMES = new Set([
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "INIT_CWD"],
  ...["LANG", "LANGUAGE", "TZ", "TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES"],
  ...["TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"],
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "NODE_COMPILE_CACHE"],
]);

/** The locale, our own, and the credentials that providers of the large clouds read. */
const PREFIXES = ["LC_", "GREENLIGHT_", "AWS_", "AZURE_", "ARM_", "GOOGLE_", "CLOUDSDK_"];

/** Read in capitals and small letters; programs differ in which they prefer. */
const PROXIES = ["http_proxy", "https_proxy", "all_proxy"];

/** Engine and plugins talk to one another over these; a proxy would send that to itself. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * Whether a variable may reach the engine.
 * @param {string} name
 */
export function passes(name) {
  const proxies = [...PROXIES, "no_proxy"];
  return (
    NAMES.has(name) ||
    proxies.some((proxy) => name === proxy || name === proxy.toUpperCase()) ||
    PREFIXES.some((prefix) => name.startsWith(prefix))
  );
}

/**
 * Variables that would change what the engine does, and are not among those that Greenlight sets itself.
 * @param {NodeJS.ProcessEnv} base
 * @param {Record<string, string | undefined>} own what Greenlight sets
 * @returns {string[]} names, sorted
 */
export function steering(base, own) {
  const steers = (/** @type {string} */ name) => name.startsWith("PULUMI_") || name === "NODE_OPTIONS";
  return Object.keys(base)
    .filter((name) => steers(name) && base[name] !== "" && base[name] !== own[name])
    .sort();
}

/**
 * Both spellings of no_proxy with what is there and this host itself; nothing when there is no proxy.
 * @param {NodeJS.ProcessEnv} base
 * @returns {Record<string, string>}
 */
export function loopbackUnproxied(base) {
  const spellings = (/** @type {string} */ name) => [name, name.toUpperCase()];
  if (!PROXIES.flatMap(spellings).some((name) => base[name])) return {};
  const given = spellings("no_proxy")
    .flatMap((name) => (base[name] ?? "").split(","))
    .map((host) => host.trim());
  const hosts = [...new Set([...given, ...LOOPBACK])].filter((host) => host !== "").join(",");
  return Object.fromEntries(spellings("no_proxy").map((name) => [name, hosts]));
}

/**
 * For asking a tool its version, before it is known which engine and state there are.
 * @param {NodeJS.ProcessEnv} [base]
 * @returns {NodeJS.ProcessEnv}
 */
export function bareEnvironment(base = process.env) {
  const passing = Object.fromEntries(Object.entries(base).filter(([name]) => passes(name)));
  return { ...passing, PULUMI_SKIP_UPDATE_CHECK: "true" };
}
