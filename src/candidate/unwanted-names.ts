/**
 * Names of what is nobody's to release, at any depth: what holds secrets, and what tools and systems leave behind. Data alone;
 * case does not count, since Windows and macOS ignore it. What a file holds is judged in secret-content.ts.
 */

/** `secret`: somebody must decide about it. `litter`: it is nobody's, and left out without asking. */
export interface Unwanted {
  kind: "secret" | "litter";
  /** a clause that follows the path in a sentence */
  why: string;
}

interface Row {
  /** whole names of folders on the way to a file */
  folders?: RegExp;
  /** whole paths */
  paths?: RegExp;
  /** whole names of files */
  files?: RegExp;
  /** except for these */
  unless?: RegExp;
  why: string;
}

/** Texts that show how a file of secrets is filled in. */
const example = /[._-](example|sample|template|tmpl|dist|defaults?|schema)(\.[a-z0-9]+)?$/i;

const secrets: Row[] = [
  { folders: /^(\.ssh|\.gnupg|private-keys-v1\.d|\.password-store)$/i, why: "lies in a folder of somebody's keys" },
  { folders: /^(\.aws|\.azure|\.kube|\.gcloud|\.oci|\.terraform|\.terraform\.d|terraform\.tfstate\.d|\.vault|\.pulumi|\.vagrant|\.secrets?)$/i, why: "lies in a folder where a tool keeps credentials" },
  { paths: /(^|\/)(\.docker\/config\.json|\.cargo\/credentials(\.toml)?|(\.config\/)?gcloud\/(credentials\.db|access_tokens\.db|legacy_credentials\/.*)|gh\/hosts\.yml|containers\/auth\.json)$/i, why: "is a file of credentials" },
  { files: /^\.(git-credentials|netrc|pgpass|my\.cnf|mylogin\.cnf|pypirc|dockercfg|dockerconfigjson|s3cfg|boto|htpasswd|htdigest|vault-token|vault[_-]pass(\.txt)?|rediscli_auth|remote-sync\.json|ftpconfig|terraformrc|databrickscfg|envrc)$/i, why: "is a file of credentials" },
  { files: /^(_netrc|pgpass\.conf|credentials\.tfrc\.json|accessTokens\.json|application_default_credentials\.json|sftp-config\.json|kubeconfig(\..*)?|.*\.kubeconfig|client_secret.*\.json|passwd-s3fs|secring\.gpg|key4\.db|NTUSER\.DAT|.*\.keytab)$/i, unless: example, why: "is a file of credentials" },
  { files: /^\.env([._-].+)?$/i, unless: example, why: "is a file of settings with secrets" },
  { files: /^.*\.tfstate(\..+)?$|^(terraform\.tfvars|.*\.auto\.tfvars)(\.json)?$/i, unless: example, why: "is a state of Terraform or its variables, which hold secrets" },
  { files: /^id_(rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss)([._-].*)?$|^ssh_host_.*_key$/i, unless: /\.pub$/i, why: "is a private key" },
  { files: /^.*\.(p12|pfx|pkcs12|jks|jceks|bcfks|keystore|ppk|kdbx?|agekey|pvk|psafe3)$/i, unless: /(^|[\/._-])(trust-?store|cacerts)[^\/]*$/i, why: "is a store of keys" },
];

const litter: Row[] = [
  { folders: /^(\.git|.+\.git|\.hg|\.svn|\.bzr|_darcs|\.jj|\.pijul|\.fossil)$/i, files: /^(\.git|\.hgtags|_FOSSIL_|\.fslckout)$/i, why: "is version control's own" },
  { paths: /(^|\/)CVS\//, why: "is version control's own" },
  { files: /^\.(git(ignore|keep|attributes|modules|config)|hgignore|bzrignore|cvsignore|mailmap|gitreview|git-blame-ignore-revs)$/i, why: "is version control's own" },
  { folders: /^(__macosx|\.appledouble|\.spotlight-v100|\.trashes|\.trash(-.*)?|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|\$recycle\.bin|system volume information|@eadir|lost\+found)$/i, why: "is the operating system's own" },
  { files: /^(\.ds_store|\._.*|thumbs\.db(:.*)?|ehthumbs(_vista)?\.db|desktop\.ini|\.directory|\.localized|icon\r|\.apdisk|\.volumeicon\.icns|\.nfs[0-9a-f]{8,}|\.fuse_hidden.*)$/i, why: "is the operating system's own" },
  { folders: /^(\.idea|\.vscode|\.vs|\.fleet|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nyc_output|\.parcel-cache|\.sass-cache)$/i, why: "is an editor's or a build's own" },
  { files: /^(.*~|\..+\.sw[a-p]|.+\.sw[op]|#.*#|\.#.*|~\$.*|.*\.(orig|rej|bak|pyc|pyo|iml|suo)|\.project|\.classpath|\.(bash|zsh|python|node_repl|psql|mysql|sqlite)_history|\.lesshst|\.viminfo|nohup\.out|core\.\d+)$/i, why: "is what an editor or a tool left behind" },
];

function judge(rows: readonly Row[], path: string): string | undefined {
  const segments = path.split("/");
  const name = segments.pop()!;
  return rows.find(({ folders, paths, files, unless }) => (segments.some((segment) => folders?.test(segment)) || paths?.test(path) || files?.test(name)) && !unless?.test(path))?.why;
}

/** One look for all rows: nearly all of tens of thousands of names are none of them. */
const all = [...litter, ...secrets];
const some = (pick: (row: Row) => RegExp | undefined): RegExp => new RegExp(all.flatMap((row) => pick(row)?.source ?? []).join("|"), "i");
const [anyFolder, anyPath, anyFile] = [some((row) => row.folders), some((row) => row.paths), some((row) => row.files)];

/** What was said of the folder of the path before: names come folder by folder. */
let before = { folder: "", may: false };

function mayBe(path: string): boolean {
  const at = path.lastIndexOf("/");
  if (anyFile.test(path.slice(at + 1)) || anyPath.test(path)) return true;
  if (at < 0) return false;
  if (!(path.startsWith(before.folder) && before.folder.length === at)) {
    const folder = path.slice(0, at);
    before = { folder, may: folder.split("/").some((segment) => anyFolder.test(segment)) };
  }
  return before.may;
}

/** Why a path is not to be released, whatever the file holds; undefined for all that are not known to be such. */
export function unwantedName(path: string): Unwanted | undefined {
  if (!mayBe(path)) return undefined;
  const left = judge(litter, path);
  if (left !== undefined) return { kind: "litter", why: left };
  const why = judge(secrets, path);
  return why === undefined ? undefined : { kind: "secret", why };
}

/** As {@link unwantedName}, of a folder itself: whether nothing below it is to be released. */
export function unwantedFolder(path: string): Unwanted | undefined {
  return unwantedName(`${path}/x`);
}
