/** Takes away and adds each element of each file in turn: each time the one right disagreement is found, and no other. */
import assert from "node:assert/strict";
import { compareParties, type Parties } from "../../src/agreement/check.ts";
import { checksRoll, seededFaults } from "../../src/agreement/checks.ts";
import { declaredInSources } from "../../src/agreement/declared.ts";
import { EdgeError } from "../../src/edges/edges.ts";
import { parseLocated, pathText, type Located, type Path } from "../../src/edges/located.ts";
import { ChecklistSchema, ProductChecklistSchema } from "../../src/matrix/checklist.ts";
import { PromotionGatesSchema, ProductMatrixSchema, projectFolder, VocabularySchema } from "../../src/matrix/index.ts";
import { MatrixSchema } from "../../src/matrix/schema.ts";
import { productNamed } from "../../src/products/index.ts";
import { policyFiles, policyJson, type Json } from "../matrix/policy-folder.ts";
import { ownFiles, rustOf } from "./product-checkout.ts";
import { capabilities as rules } from "../../src/products/palyra/capabilities.ts";

const files = policyFiles("palyra");
const own = ownFiles();
const text = (value: unknown): string => JSON.stringify(value, null, 2);

/** Every file that takes part: its value, and how it is parsed. */
const documents = {
  matrix: {
    file: files["matrix"]!,
    value: policyJson(files["matrix"]!),
    parse: (t: string, o: Origin) => parseLocated(MatrixSchema, t, o),
  },
  checklist: {
    file: files["checklist"]!,
    value: policyJson(files["checklist"]!),
    parse: (t: string, o: Origin) => parseLocated(ChecklistSchema, t, o),
  },
  gates: {
    file: files["gates"]!,
    value: policyJson(files["gates"]!),
    parse: (t: string, o: Origin) => parseLocated(PromotionGatesSchema, t, o),
  },
  words: {
    file: files["words"]!,
    value: policyJson(files["words"]!),
    parse: (t: string, o: Origin) => parseLocated(VocabularySchema, t, o),
  },
  ownMatrix: {
    file: "own/matrix.json",
    value: own.matrix,
    parse: (t: string, o: Origin) => parseLocated(ProductMatrixSchema, t, o),
  },
  ownChecklist: {
    file: "own/checklist.json",
    value: own.checklist,
    parse: (t: string, o: Origin) => parseLocated(ProductChecklistSchema, t, o),
  },
  ownGates: {
    file: "own/gates.json",
    value: own.gates,
    parse: (t: string, o: Origin) => parseLocated(PromotionGatesSchema, t, o),
  },
};
interface Origin {
  file: string;
  remedy: string;
}
type Name = keyof typeof documents;
const names = Object.keys(documents) as Name[];
const capabilities = policyJson(files["words"]!).capabilities as string[];

const product = productNamed("palyra");
const constant = {
  product,
  checks: checksRoll(product),
  seeded: seededFaults("palyra", projectFolder),
  channels: {
    ...parseLocated(VocabularySchema.loose(), text({ ...policyJson(files["words"]!) }), { file: "p", remedy: "r" }),
    file: "infra/release/policy.json",
    value: policyJson("infra/release/policy.json"),
  },
};

const parsed = Object.fromEntries(names.map((name) => [name, parse(name, documents[name].value)])) as Record<
  Name,
  Located<Json>
>;

function parse(name: Name, value: Json): Located<Json> {
  const { file, parse: of } = documents[name];
  return of(text(value), { file, remedy: "mend the file" });
}

/** What is found when these files are not what they were, a message each. */
function found(changed: Partial<Record<Name, Json>>, code = capabilities): string[] {
  try {
    const at = {
      ...parsed,
      ...Object.fromEntries(Object.entries(changed).map(([name, value]) => [name, parse(name as Name, value)])),
    };
    const parties: Parties = {
      ...constant,
      policy: { words: at.words, matrix: at.matrix, checklist: at.checklist, gates: at.gates },
      code: declaredInSources(rustOf(code), rules),
      own: { matrix: at.ownMatrix, checklist: at.ownChecklist, gates: at.ownGates },
    };
    return compareParties(parties).map(({ message }) => message);
  } catch (e) {
    if (e instanceof EdgeError) return e.message.split("\n");
    throw e;
  }
}

/** Lists that say what the releaser asks for by itself, beyond what anybody else could know. */
const ownChoice = [/\.command$/, /\.must_contain$/, /\.proof\./, /\.may_open_with$/];

/** Every list of a value that others must agree with. */
function lists(value: Json, path: Path = []): Path[] {
  if (Array.isArray(value)) {
    const inside = value.flatMap((each, i) => lists(each, [...path, i]));
    return ownChoice.some((choice) => choice.test(pathText(path))) ? inside : [path, ...inside];
  }
  return value !== null && typeof value === "object"
    ? Object.entries(value).flatMap(([key, each]) => lists(each, [...path, key]))
    : [];
}

const at = (value: Json, path: Path): Json => path.reduce((v: Json, key) => v[key], value);

/** Lists that must stay empty, by kind of the item that has them. */
const mustBeEmpty = (value: Json, path: Path): boolean => path[0] === "evidence" && at(value, path).length === 0;

describe("the contract of code and policy", () => {
  it("holds for Palyra as it is", () => assert.deepEqual(found({}), []));

  let tried = 0;
  for (const name of names) {
    const { file, value } = documents[name];
    for (const list of lists(value)) {
      it(`misses each element of ${pathText(list)} of ${file}, and knows each that is added`, () => {
        const elements = at(value, list) as Json[];
        const one = (changed: Json, what: string): void => {
          const messages = found({ [name]: changed });
          tried++;
          assert.equal(messages.length, 1, `${what}: ${messages.join("\n")}`);
          assert.ok(
            messages[0]!.includes(`${file}:`) && messages[0]!.includes(String(list[0])),
            `${what}: ${messages[0]}`,
          );
        };
        for (const [i, element] of elements.entries()) {
          const changed = structuredClone(value);
          at(changed, list).splice(i, 1);
          one(changed, `without ${text(element)}`);
        }
        const changed = structuredClone(value);
        const last = elements.at(-1);
        at(changed, list).push(typeof last === "object" ? { ...structuredClone(last), id: "teleport" } : "teleport");
        if (elements.length === 0 && list[0] === "setup_steps")
          at(changed, list)[0] = {
            id: "teleport",
            label: "x",
            profiles: ["fast"],
            command: ["true"],
            ...(name === "matrix" && { time_limit_seconds: 1 }),
          };
        one(changed, mustBeEmpty(value, list) ? "with one where none may be" : "with one more");
      });
    }
  }

  it("misses each capability that the code has or has not", () => {
    for (const name of capabilities) {
      const messages = found(
        {},
        capabilities.filter((each) => each !== name),
      );
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(
        messages[0]!,
        new RegExp(
          `^The capability ${name} is in .* and not in crates/palyra-common/src/runtime_preview\\.rs:2; take it out of `,
        ),
      );
    }
    const messages = found({}, [...capabilities, "teleport"]);
    assert.equal(messages.length, 1);
    assert.match(
      messages[0]!,
      /^The capability teleport is in crates\/palyra-common\/src\/runtime_preview\.rs:11 .* and not in src\/matrix\/vocabulary\/palyra\.json:2 \(capabilities\), infra\/release\/palyra\/workflow-regression-matrix\.json:\d+ \(required_subsystems\), .*; add it to /,
    );
  });

  after(() => assert.ok(tried > 300, `${tried} were tried`));
});
