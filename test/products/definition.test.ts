/** Product definitions are whole before anything starts with them: each kind of fault, in its sentence. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { definitionFaults } from "../../src/products/definition.ts";
import { productNamed } from "../../src/products/index.ts";
import { fields, maybe, oneOf } from "../../src/products/schema-parts.ts";
import { broken, type Change } from "./broken-definition.ts";

const said = (name: string, ...changes: Change[]): string[] =>
  definitionFaults(broken(name, ...changes), name).map(({ path, message }) => `${path}: ${message}`);

const server = ["kinds", "server", "services", 0];
const headless = ["kinds", "headless"];

describe("a product definition", () => {
  it("is whole where it is shipped", () => {
    for (const name of ["nats", "palyra"]) assert.deepEqual(definitionFaults(productNamed(name), name), []);
  });

  it("has no field that is misspelt, and says what was meant", () => {
    assert.deepEqual(
      said("nats", [["binaries", "nats", "onPath"], undefined], [["binaries", "nats", "onpath"], true]),
      [
        'binaries.nats.onpath: there is no such field; use role, onPath, version, ownVersion, help, silent; did you mean "onPath"?',
      ],
    );
    assert.deepEqual(said("nats", [["licence"], undefined], [["license"], "Apache-2.0"]), [
      'license: there is no such field; use name, title, licence, kinds, binaries, payload, upstreamValidator, sources, readiness, secrets, checks, judges, sample; did you mean "licence"?',
    ]);
  });

  it("has no role and no binary that there is not", () => {
    assert.deepEqual(said("nats", [["binaries", "nats", "role"], "client"]), [
      'binaries.nats.role: "client" is not one of cli, daemon, desktop; did you mean "cli"?',
    ]);
    assert.deepEqual(said("nats", [[...server, "binary"], "nats-servr"]), [
      'kinds.server.services.0.binary: "nats-servr" is not one of the kind\'s binaries, nats-server, nats; did you mean "nats-server"?',
    ]);
  });

  const kept = [...headless, "kept"];
  const cases: [what: string, name: string, path: (string | number)[], value: unknown, sentence: string][] = [
    ["a field that is missing", "nats", ["title"], undefined, "is missing."],
    ["a check that is missing", "nats", ["checks", "smoke"], undefined, "is missing."],
    ["a check that is no function", "nats", ["checks", "plant"], [], "[] is not a function."],
    ["a value of another type", "nats", ["binaries", "nats", "onPath"], "yes", '"yes" is not a boolean.'],
    ["a list that is none", "nats", ["kinds", "server", "services"], {}, "{} is not a list."],
    ["another name", "nats", ["name"], "natz", '"natz" is not nats, which it is asked for by.'],
    ["no kind at all", "nats", ["kinds"], {}, "names no kind."],
    [
      "a binary that stands twice",
      "nats",
      ["kinds", "server", "binaries"],
      ["nats-server", "nats", "nats"],
      "names a binary twice.",
    ],
    [
      "a binary that is not defined",
      "nats",
      ["kinds", "server", "binaries", 1],
      "natz",
      '"natz" is not one of the product\'s binaries, nats-server, nats; did you mean "nats"?',
    ],
    [
      "a version that is not printed",
      "nats",
      ["binaries", "nats", "version", "prints"],
      "2.11.4",
      '"2.11.4" does not hold {version}.',
    ],
    ["help of which nothing is known", "nats", ["binaries", "nats", "help", "contains"], [], "names no word."],
    [
      "a template that is misspelt",
      "nats",
      [...server, "args"],
      "-c {confg}/nats-server.conf",
      '"-c {confg}/nats-server.conf" holds {confg}, and what is filled in here is {root}, {state}, {config}; did you mean "{config}"?',
    ],
    [
      "a template of another place",
      "nats",
      [...server, "environment", "HOME"],
      "{home}",
      '"{home}" holds {home}, and what is filled in here is {root}, {state}, {config}.',
    ],
    [
      "a state folder that is relative",
      "nats",
      [...server, "stateFolder"],
      "var/lib/nats",
      '"var/lib/nats" is not an absolute path in its shortest form, two folders deep at least.',
    ],
    [
      "a configuration folder of the system",
      "nats",
      [...server, "configFolder"],
      "/etc",
      '"/etc" is not an absolute path in its shortest form, two folders deep at least.',
    ],
    [
      "a health address where nothing listens",
      "nats",
      [...server, "health", "url"],
      "http://127.0.0.1:8223/healthz",
      '"http://127.0.0.1:8223/healthz" is none of the addresses in its listens, 127.0.0.1:4222, 127.0.0.1:8222; did you mean "127.0.0.1:8222"?',
    ],
    [
      "an identity that is no address",
      "nats",
      [...server, "identity", "url"],
      "8222/varz",
      '"8222/varz" is not an http:// address.',
    ],
    [
      "a setting in a file that there is not",
      "nats",
      [...server, "health", "moved", "file"],
      "nats.conf",
      '"nats.conf" is not one of its configFiles, nats-server.conf.',
    ],
    ["a port that is none", "nats", [...server, "listens", 0, "port"], 70_000, "70000 is no port from 1 to 65535."],
    [
      "a host that is no address",
      "nats",
      [...server, "listens", 0, "address"],
      "localhost",
      '"localhost" is no IP address.',
    ],
    [
      "a protocol that there is not",
      "palyra",
      [...headless, "services", 0, "listens", 3, "protocol"],
      "upd",
      '"upd" is not one of tcp, udp; did you mean "udp"?',
    ],
    [
      "a mode that lets everybody write",
      "nats",
      [...server, "stateAccess", "mode"],
      "0777",
      '"0777" is not four octal digits that leave the owner all and others no writing, as 0700.',
    ],
    [
      "an owner without a group",
      "nats",
      [...server, "stateAccess", "owner"],
      "nats",
      '"nats" is not user:group, each root or {user}.',
    ],
    [
      "a user that no machine takes",
      "nats",
      [...server, "user"],
      "Nats Server",
      '"Nats Server" is no name of a-z, 0-9, - and _, at most 31.',
    ],
    [
      "a kept record of a service that there is not",
      "palyra",
      [...kept, 2, "service"],
      "palyrd",
      '"palyrd" is not one of the kind\'s services, palyrad, palyra-browserd; did you mean "palyrad"?',
    ],
    [
      "a kept file anywhere",
      "palyra",
      [...kept, 0, "path"],
      "/var/lib/palyra/key",
      '"/var/lib/palyra/key" does not begin with {state} or {config}.',
    ],
    [
      "a way of keeping that there is not",
      "palyra",
      [...kept, 0, "how"],
      "byte",
      '"byte" is not one of bytes, sealed, records, presented; did you mean "bytes"?',
    ],
    [
      "something presented where nothing listens",
      "palyra",
      [...kept, 3],
      { how: "presented", address: "127.0.0.1", port: 7445 },
      '127.0.0.1:7445 is not where one of the kind\'s services listens, 127.0.0.1:7142, 127.0.0.1:7443, 127.0.0.1:7444, 127.0.0.1:7143, 127.0.0.1:7543; did you mean "127.0.0.1:7443"?',
    ],
    [
      "a setup by a binary that there is not",
      "palyra",
      [...headless, "setup", "binary"],
      "palyr",
      '"palyr" is not one of the kind\'s binaries, palyrad, palyra-browserd, palyra; did you mean "palyra"?',
    ],
    [
      "a required file in a deployment folder that there is not",
      "palyra",
      ["payload", "required", 7],
      "deployment/singel-vm/profile-manifest.json",
      '"deployment/singel-vm/profile-manifest.json" is in none of the recipeFolders deployment/single-vm, deployment/worker-enabled; did you mean "deployment/single-vm"?',
    ],
    [
      "an absolute path in an archive",
      "palyra",
      ["payload", "required", 0],
      "/README.txt",
      '"/README.txt" is not a relative path in its shortest form.',
    ],
    [
      "recipes by a binary that there is not",
      "palyra",
      ["payload", "recipeCommand", "binary"],
      "palyrac",
      '"palyrac" is not one of the product\'s binaries, palyra-desktop-control-center, palyrad, palyra-browserd, palyra; did you mean "palyrad"?',
    ],
    [
      "readiness of a kind that there is not",
      "palyra",
      ["readiness", "tracks", "runtime_contract_catalog", "verify", "kind"],
      "headles",
      '"headles" is not one of the product\'s kinds, desktop, headless; did you mean "headless"?',
    ],
    [
      "readiness by something that is no check",
      "palyra",
      ["readiness", "tracks", "runtime_contract_catalog", "verify", "checks", 0],
      "smoke",
      '"smoke" is not <suite>/<check>.',
    ],
    [
      "a secret that is too short",
      "palyra",
      [...headless, "services", 1, "secrets", 0, "bytes"],
      8,
      "8 is no whole number from 16 to 512.",
    ],
  ];
  for (const [what, name, path, value, sentence] of cases)
    it(`is refused with ${what}`, () => {
      const changes: Change[] = [[path, value]];
      if (path.includes("stateAccess")) {
        const access = { owner: "root:root", mode: "0700" };
        changes.unshift([path.slice(0, -1), access]);
      }
      const at = what === "a binary that stands twice" ? "kinds.server.binaries" : path.join(".");
      assert.deepEqual(said(name, ...changes), [`${at}: ${sentence}`]);
    });

  it("shows all its faults at once, also beside one another", () => {
    const paths = definitionFaults(
      broken(
        "nats",
        [["license"], "MIT"],
        [["binaries", "nats", "role"], "client"],
        [[...server, "binary"], "nats-servr"],
        [[...server, "descripton"], "x"],
        [[...server, "identity", "url"], "http://127.0.0.1:1/"],
        [["kinds", "server", "keeps"], ["home/x"]],
        [["checks"], undefined],
      ),
      "nats",
    ).map(({ path }) => path);
    assert.deepEqual(paths.sort(), [
      "binaries.nats.role",
      "checks",
      "kinds.server.keeps.0",
      "kinds.server.services.0.binary",
      "kinds.server.services.0.descripton",
      "kinds.server.services.0.identity.url",
      "license",
    ]);
  });

  it("has no unknown field anywhere", () => {
    /** Objects whose fields are the definition's to name, or any value. */
    const open = /\.(environment|configFiles)$/;
    const places: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (typeof value !== "object" || value === null) return;
      if (!Array.isArray(value) && !open.test(path.join("."))) places.push(path);
      for (const [name, each] of Object.entries(value))
        walk(each, [...path, Array.isArray(value) ? Number(name) : name]);
    };
    walk(productNamed("nats"), []);
    assert.ok(places.length >= 20, String(places.length));
    const known = new Set<string>();
    JSON.stringify(productNamed("palyra"), (name, value: unknown) => (known.add(name), value));
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.string({ minLength: 1, maxLength: 12 }).filter((name) => name !== "__proto__"),
        fc.constantFrom<unknown>(true, "x", null, 7, ["x"]),
        (place, name, value) => {
          const holder = place.reduce<any>((at, key) => at[key], productNamed("nats"));
          fc.pre(!Object.hasOwn(holder, name) && !known.has(name));
          const path = [...place, name].join(".");
          const paths = definitionFaults(broken("nats", [[...place, name], value]), "nats").map((each) => each.path);
          assert.ok(paths.includes(path), `${path}: ${paths.join(" ")}`);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("the schema of definitions", () => {
  it("compiles only with a rule for each field, of its type, and for every word", () => {
    interface Part {
      word: "a" | "b";
      more?: string;
    }
    const word = oneOf<Part["word"]>({ a: true, b: true });
    fields<Part>({ word, more: maybe(z.string()) });
    // @ts-expect-error: `more` has no rule.
    fields<Part>({ word });
    // @ts-expect-error: `more` may be missing.
    fields<Part>({ word, more: z.string() });
    // @ts-expect-error: `word` may not.
    fields<Part>({ word: maybe(word), more: maybe(z.string()) });
    // @ts-expect-error: `word` is none of all texts.
    fields<Part>({ word: z.string(), more: maybe(z.string()) });
    // @ts-expect-error: `b` is a word as well.
    oneOf<Part["word"]>({ a: true });
  });
});
