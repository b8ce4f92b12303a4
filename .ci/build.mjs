// Builds what cargo-leptos builds, from the same description (`[[workspace.metadata.leptos]]` in the root Cargo.toml) and with
// the same tools, without needing cargo-leptos, whose own compilation takes ten minutes:
//
//   target/site/pkg/eproc-2fa.<hash>.{js,wasm,css}   and .br and .gz of each        (release)
//   target/site/manifest.json                        {"js": "/pkg/…", "wasm": "/pkg/…", "css": "/pkg/…"}
//   target/site/pkg/eproc-2fa.{js,wasm,css}          no hashes, no manifest          (dev, and cargo-leptos itself)
//   target/site/…                                    everything in public/
//   target/{release,debug}/eproc-2fa                 the program that is installed
//   target/{release,debug}/eproc-2fa-demo            the demonstration, the one that cargo-leptos runs
//
// So the server takes the names from manifest.json, and the plain ones when there is none: cargo-leptos removes the manifest when
// it starts, because it cleans the site's root of everything that is not in public/.
//
// Styles: style/main.css is the entry, of imports only. Both ways bundle it with Lightning CSS to one file: cargo-leptos by
// `style-bundle = true` (an edit of any .css under style/ reaches the browser without a compilation), this file by the library.
//
// What did not change is not done again: cargo decides that for the crates, a digest of the inputs for the rest.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const { EPROC_ROOT: root, EPROC_NPM: npm, BINDGEN: bindgen } = process.env;
const release = process.argv[2] === 'release';
if (!release && process.argv[2] !== 'dev') throw new Error('say release or dev');
const tool = createRequire(join(npm, 'node_modules', 'x'));

function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) {
    console.error(`${command} ${args[0] ?? ''} failed${done.error ? `: ${done.error.message}` : ''}`);
    process.exit(1);
  }
}

function step(label, work) {
  const begin = Date.now();
  console.log(`\n== ${label}`);
  work();
  console.log(`   done in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
}

const digest = (...parts) => parts.reduce((sum, part) => sum.update(part).update('\0'), createHash('sha256')).digest('hex');
const files = (dir) =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
const contents = (dir) => digest(...files(dir).flatMap((file) => [relative(dir, file), readFileSync(file)]));

// --- the description -----------------------------------------------------------------------------------------------------------

const metadata = JSON.parse(
  spawnSync('cargo', ['metadata', '--no-deps', '--format-version', '1'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] }).stdout,
);
const leptos = metadata.metadata.leptos[0];
const name = leptos['output-name'];
const site = join(root, leptos['site-root']);
const pkg = join(site, leptos['site-pkg-dir']);
const target = metadata.target_directory;
const targets = (pkgName) => metadata.packages.find((p) => p.name === pkgName).targets;
const programs = metadata.packages.flatMap((p) => p.targets.filter((t) => t.kind.includes('bin')).map((t) => ({ package: p.name, bin: t.name })));
const lib = targets(leptos['lib-package']).find((t) => t.kind.includes('cdylib')).name;
const profileOf = (kind) => leptos[`${kind}-profile-${release ? 'release' : 'dev'}`] ?? (release ? 'release' : 'dev');
const folderOf = (profile) => (profile === 'dev' ? 'debug' : profile);
const featuresOf = (kind) => [
  ...(leptos[`${kind}-default-features`] === false ? ['--no-default-features'] : []),
  ...[...(leptos[`${kind}-features`] ?? []), ...(leptos.features ?? [])].map((feature) => `--features=${feature}`),
];

// The record of what the site was made from; it stands beside the site, not in it, where it would be served.
const recordFile = `${site}.json`;
const manifestFile = join(site, 'manifest.json');
let record = {};
try {
  record = JSON.parse(readFileSync(recordFile, 'utf8'));
} catch {}
const recipe = digest(readFileSync(new URL(import.meta.url)), bindgen, npm, JSON.stringify(leptos), release ? 'release' : 'dev');
// Names are kept from the last time only if the whole site is as it was left.
const kept = (key, inputs) => record[key]?.inputs === inputs && record[key].names.every((file) => existsSync(join(pkg, file)));

// --- the parts -----------------------------------------------------------------------------------------------------------------

const made = {};

/** Puts one file of the page under its final name and returns that name. */
function place(extension, bytes) {
  const file = release ? `${name}.${digest(bytes).slice(0, 12)}.${extension}` : `${name}.${extension}`;
  mkdirSync(pkg, { recursive: true });
  writeFileSync(join(pkg, file), bytes);
  if (release) {
    const size = constants.BROTLI_PARAM_SIZE_HINT;
    const { BROTLI_PARAM_QUALITY: quality, BROTLI_PARAM_LGWIN: window } = constants;
    writeFileSync(join(pkg, `${file}.br`), brotliCompressSync(bytes, { params: { [quality]: 11, [window]: 22, [size]: bytes.length } }));
    writeFileSync(join(pkg, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  }
  return file;
}

function front() {
  const profile = profileOf('lib');
  step(`browser part: cargo, profile ${profile} (first time 3 to 6 min, then by the change)`, () =>
    run('cargo', ['build', `--package=${leptos['lib-package']}`, '--lib', '--target=wasm32-unknown-unknown', `--target-dir=${join(target, 'front')}`, `--profile=${profile}`, ...featuresOf('lib')]),
  );
  const wasm = join(target, 'front', 'wasm32-unknown-unknown', folderOf(profile), `${lib}.wasm`);
  const inputs = digest(recipe, readFileSync(wasm));
  if (kept('front', inputs)) {
    made.front = record.front;
    return;
  }
  step(`browser part: wasm-bindgen${release ? ', wasm-opt, esbuild, brotli (15 s)' : ''}`, () => {
    const out = join(target, 'bindgen', release ? 'release' : 'dev');
    rmSync(out, { recursive: true, force: true });
    run(bindgen, [wasm, name, out]);
    const bare = join(out, `${name}_bg.wasm`);
    if (release) {
      run('wasm-opt', [...leptos['wasm-opt-features'], bare, '-o', bare]);
    }
    const wasmName = place('wasm', readFileSync(bare));
    const glue = join(out, `${name}.js`);
    // the name that is loaded when the caller gives none
    writeFileSync(glue, readFileSync(glue, 'utf8').replaceAll(`${name}_bg.wasm`, wasmName));
    const js = release
      ? tool('esbuild').buildSync({ entryPoints: [glue], bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none', write: false }).outputFiles[0].contents
      : readFileSync(glue);
    made.front = { inputs, names: [place('js', Buffer.from(js)), wasmName] };
  });
}

/** "chrome >= 99, …" as Lightning CSS wants it. The floor is what has cascade layers, on which the style sheets stand. */
const browsers = () =>
  Object.fromEntries(
    leptos.browserquery.split(',').map((entry) => {
      const [, browser, major, minor = 0] = /^\s*(\w+)\s*>=\s*(\d+)(?:\.(\d+))?\s*$/.exec(entry);
      return [browser, (Number(major) << 16) | (Number(minor) << 8)];
    }),
  );

function style() {
  const entry = join(root, leptos['style-file']);
  const inputs = digest(recipe, contents(join(entry, '..')));
  if (kept('style', inputs)) {
    made.style = record.style;
    return;
  }
  step('styles: Lightning CSS', () => {
    const { code } = tool('lightningcss').bundle({ filename: entry, minify: release, targets: browsers() });
    made.style = { inputs, names: [place('css', code)] };
  });
}

function assets() {
  const from = join(root, leptos['assets-dir']);
  const mine = new Set([...readdirSync(from), leptos['site-pkg-dir'], 'manifest.json']);
  mkdirSync(site, { recursive: true });
  for (const entry of readdirSync(site)) if (!mine.has(entry)) rmSync(join(site, entry), { recursive: true });
  cpSync(from, site, { recursive: true, preserveTimestamps: true });
}

/** The page's files by their new names, and nothing of an older build beside them. */
function publish() {
  const names = [...made.front.names, ...made.style.names];
  const mine = new Set(names.flatMap((file) => [file, `${file}.br`, `${file}.gz`]));
  for (const file of readdirSync(pkg)) if (!mine.has(file)) rmSync(join(pkg, file), { recursive: true });
  const [js, wasm, css] = names.map((file) => `/${leptos['site-pkg-dir']}/${file}`);
  if (release) writeFileSync(manifestFile, `${JSON.stringify({ js, wasm, css }, null, 2)}\n`);
  else rmSync(manifestFile, { force: true });
  writeFileSync(recordFile, JSON.stringify(made));
  if (!release) return;
  const brotli = names.map((file) => statSync(join(pkg, `${file}.br`)).size);
  console.log(`\n   the browser loads ${brotli.reduce((a, b) => a + b)} bytes (js ${brotli[0]}, wasm ${brotli[1]}, css ${brotli[2]}, brotli)`);
}

front();
style();
assets();
publish();
const profile = profileOf('bin');
step(`${programs.map(({ bin }) => bin).join(', ')}: cargo, profile ${profile} (first time 5 to 10 min, then by the change)`, () =>
  run('cargo', ['build', ...programs.flatMap(({ package: p, bin }) => [`--package=${p}`, `--bin=${bin}`]), `--profile=${profile}`, ...featuresOf('bin')]),
);
const built = programs.map(({ bin }) => relative(root, join(target, folderOf(profile), bin)));
console.log(`\n   ${[...built, relative(root, site)].join(', ')}: ready`);
