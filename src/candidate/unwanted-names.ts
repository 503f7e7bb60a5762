/**
 * Names of what is nobody's to release, at any depth: what holds secrets, and what tools and systems leave behind. Data alone;
 * case does not count, since Windows and macOS ignore it. What a file holds is judged in src/secret-search.
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
  {
    folders:
      /^(\.aws|\.azure|\.kube|\.gcloud|\.oci|\.terraform|\.terraform\.d|terraform\.tfstate\.d|\.vault|\.pulumi|\.vagrant|\.secrets?|\.chef|\.minikube|\.nsc|\.nkeys|\.step|\.snowsql|\.dbt|\.doctl|\.fly)$/i,
    why: "lies in a folder where a tool keeps credentials",
  },
  {
    paths:
      /(^|\/)(\.docker\/config\.json|\.cargo\/credentials(\.toml)?|(\.config\/)?gcloud\/(credentials\.db|access_tokens\.db|legacy_credentials\/.*)|gh\/hosts\.yml|containers\/auth\.json|\.config\/(hub|doctl\/.*|op\/.*|stripe\/.*|configstore\/.*)|\.bundle\/config|\.composer\/auth\.json|\.m2\/settings-security\.xml|\.streamlit\/secrets\.toml)$/i,
    why: "is a file of credentials",
  },
  {
    files:
      /^\.(git-credentials|netrc|pgpass|my\.cnf|mylogin\.cnf|pypirc|dockercfg|dockerconfigjson|s3cfg|boto|htpasswd|htdigest|vault-token|vault[_-]pass(\.txt)?|rediscli_auth|remote-sync\.json|ftpconfig|terraformrc|databrickscfg|envrc)$/i,
    why: "is a file of credentials",
  },
  {
    files:
      /^(_netrc|pgpass\.conf|credentials\.tfrc\.json|accessTokens\.json|application_default_credentials\.json|sftp-config\.json|kubeconfig(\..*)?|.*\.kubeconfig|client_secret.*\.json|passwd-s3fs|secring\.gpg|key4\.db|NTUSER\.DAT|.*\.keytab)$/i,
    unless: example,
    why: "is a file of credentials",
  },
  {
    files:
      /^(credentials(\.(json|csv|ini|toml|xml|ya?ml))?|rootkey\.csv|.*[._-]accesskeys\.csv|\.?secrets?\.(json|ya?ml|toml|ini|xml|properties)|\.secrets?|secrets-(prod|production|staging|dev)\.(json|ya?ml)|master\.key|htpasswd|.*\.(creds|nk)|rclone\.conf|sitemanager\.xml|recentservers\.xml|wp-config\.php|(auto)?unattend\.xml|\.(smbcredentials|msmtprc|fetchmailrc|esmtprc|mailrc|dev\.vars))$/i,
    unless: example,
    why: "is a file of credentials",
  },
  { files: /^(.*\.keychain(-db)?|login data|logins\.json|key3\.db|signons\.sqlite)$/i, why: "is a store of passwords" },
  {
    files: /^(.*\.(hprof|dmp|mdmp|stackdump)|vgcore\.\d+)$/i,
    why: "is a dump of a program's memory, which holds what the program knew",
  },
  {
    files: /^(\.env([._-].+)?|(prod(uction)?|staging|dev(elopment)?|local|secrets?)\.env)$/i,
    unless: example,
    why: "is a file of settings with secrets",
  },
  {
    files: /^.*\.tfstate(\..+)?$|^.*\.tfvars(\.json)?$/i,
    unless: example,
    why: "is a state of Terraform or its variables, which hold secrets",
  },
  {
    files: /^id_(rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss)([._-].*)?$|^ssh_host_.*_key$/i,
    unless: /\.pub$/i,
    why: "is a private key",
  },
  {
    files: /^.*\.(p12|pfx|pkcs12|jks|jceks|bcfks|keystore|ppk|kdbx?|agekey|pvk|psafe3)$/i,
    unless: /(^|[\/._-])(trust-?store|cacerts)[^\/]*$/i,
    why: "is a store of keys",
  },
];

const litter: Row[] = [
  {
    folders:
      /^(\.git|.+\.git|\.hg|\.svn|\.bzr|_darcs|\.jj|\.pijul|\.fossil|\.sl|\.github|\.gitlab|\.gitea|\.forgejo|\.circleci|\.husky)$/i,
    files: /^(\.git|\.hgtags|_FOSSIL_|\.fslckout)$/i,
    why: "is version control's own",
  },
  { paths: /(^|\/)(CVS|RCS|SCCS)\//, why: "is version control's own" },
  {
    files:
      /^\.(git(ignore|keep|attributes|modules|config)|hgignore|bzrignore|cvsignore|mailmap|gitreview|gitlab-ci\.yml|travis\.yml|git-blame-ignore-revs)$/i,
    why: "is version control's own",
  },
  {
    folders:
      /^(__macosx|\.appledouble|\.spotlight-v100|\.trashes|\.trash(-.*)?|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|\$recycle\.bin|system volume information|@eadir|lost\+found)$/i,
    why: "is the operating system's own",
  },
  {
    files:
      /^(\.ds_store|\._.*|thumbs\.db(:.*)?|ehthumbs(_vista)?\.db|desktop\.ini|\.directory|\.localized|icon\r|\.apdisk|\.volumeicon\.icns|\.nfs[0-9a-f]{8,}|\.fuse_hidden.*)$/i,
    why: "is the operating system's own",
  },
  {
    folders:
      /^(\.idea|\.vscode|\.vs|\.fleet|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nyc_output|\.parcel-cache|\.sass-cache|\.cache|\.venv|\.direnv|\.history|\.gradle|\.ipynb_checkpoints)$/i,
    why: "is an editor's or a build's own",
  },
  {
    files:
      /^(.*~|\..+\.sw[a-p]|.+\.sw[op]|#.*#|\.#.*|~\$.*|.*\.(orig|rej|bak|pyc|pyo|iml|suo)|\.project|\.classpath|\.\w+_history|\.~lock\..*#|\.wget-hsts|\.lesshst|\.viminfo|nohup\.out|core\.\d+)$/i,
    why: "is what an editor or a tool left behind",
  },
];

function judge(rows: readonly Row[], path: string): string | undefined {
  const segments = path.split("/");
  const name = segments.pop()!;
  return rows.find(
    ({ folders, paths, files, unless }) =>
      (segments.some((segment) => folders?.test(segment)) || paths?.test(path) || files?.test(name)) &&
      !unless?.test(path),
  )?.why;
}

/** One look for all rows: nearly all of tens of thousands of names are none of them. */
const all = [...litter, ...secrets];
const some = (pick: (row: Row) => RegExp | undefined): RegExp =>
  new RegExp(all.flatMap((row) => pick(row)?.source ?? []).join("|"), "i");
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
export function unwantedName(stated: string): Unwanted | undefined {
  // Letters of full width are looked for as the plain ones that people read.
  const path = /[^\0-\x7f]/.test(stated) ? stated.normalize("NFKC") : stated;
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
