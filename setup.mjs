/**
 * Brings a clone to the state in which it can run: packages installed, TypeScript built. Does nothing, and says
 * nothing, when that is so already. Needs Node and npm only; messages go to stderr, stdout is the command's own.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(root, ...parts);
const say = (text) => process.stderr.write(`${text}\n`);

class SetupError extends Error {}

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Names and contents of the files, and the platform: packages and builds are made for one. */
const digest = (paths) => {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const path of paths) {
    const content = read(path);
    hash.update(`\0${relative(root, path)}\0${content.length}\0${content}`);
  }
  return hash.digest('hex');
};

const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `Signalbox needs Node 20.19 or later; this is ${process.versions.node}. Get one from https://nodejs.org.`,
    );
  }
};

/** What the program prints goes to stderr, and its diagnostics are returned as well. */
const run = (program, args) => {
  const stdio = ['ignore', 2, 'pipe'];
  const { status, error, signal, stderr } = spawnSync(program, args, { cwd: root, stdio, encoding: 'utf8' });
  return {
    ok: status === 0,
    reason: error?.message ?? signal ?? `exit code ${status}`,
    stderr: stderr ?? '',
  };
};

/** The npm that belongs to this Node, wherever the distribution puts it. */
const npm = () => {
  const bin = dirname(process.execPath);
  const scripts = [
    process.env.npm_execpath ?? '',
    resolve(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
    resolve(bin, 'node_modules/npm/bin/npm-cli.js'),
  ];
  const script = scripts.find((path) => basename(path) === 'npm-cli.js' && existsSync(path));
  return script === undefined ? ['npm', []] : [process.execPath, [script]];
};

const packagesIn = (lockfile) => {
  try {
    return JSON.parse(read(lockfile)).packages ?? {};
  } catch {
    return {};
  }
};

/** Whether npm's own record of node_modules has what the lock file asks for: someone may have run npm by hand. */
const isInstalled = () => {
  const installed = packagesIn(at('node_modules/.package-lock.json'));
  const wanted = Object.entries(packagesIn(at('package-lock.json'))).filter(([path]) => path !== '');
  return (
    wanted.length > 0 &&
    wanted.every(([path, { version, optional }]) => optional || installed[path]?.version === version)
  );
};

const install = {
  stamp: at('node_modules/.signalbox-setup'),
  wanted: () => digest([at('package-lock.json')]),
  act: () => {
    const earlier = read(install.stamp);
    const otherNode = earlier !== '' && earlier.split(' ')[1] !== process.versions.modules;
    if (!isInstalled() || otherNode) {
      say('Installing packages (once; a minute or less) …');
      const [program, args] = npm();
      const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
      let result = run(program, [...args, 'ci', ...flags]);
      // npm ci refuses a lock file that lacks another platform's optional package, as registries that lack it make
      // them; npm install takes the versions of the same lock file, and leaves the file alone.
      if (!result.ok && result.stderr.includes('EUSAGE')) {
        result = run(program, [...args, 'install', '--no-save', ...flags]);
      }
      if (!result.ok) {
        throw new SetupError(
          `${result.stderr}Installing the packages failed (${result.reason}). Is the network there? Then try again.`,
        );
      }
    }
  },
};

const sourceRooms = ['src', 'handlers', 'jobs'];

const filesUnder = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
    : [];

const sources = () =>
  sourceRooms.flatMap((room) => filesUnder(at(room))).filter((path) => /\.tsx?$/.test(path));

const build = {
  stamp: at('dist/.signalbox-setup'),
  wanted: () =>
    digest([
      at('package.json'),
      at('package-lock.json'),
      at('tsconfig.json'),
      at('tsconfig.build.json'),
      ...sources(),
    ]),
  act: () => {
    say('Building …');
    const { ok, reason, stderr } = run(process.execPath, [
      at('node_modules/typescript/bin/tsc'),
      '-p',
      'tsconfig.build.json',
    ]);
    if (!ok) {
      throw new SetupError(`${stderr}The build failed (${reason}).`);
    }
    // A program may be running from dist, so it is not emptied first; what has no source any more goes now.
    const kept = new Set(sources().map((path) => relative(root, path).replace(/\.tsx?$/, '')));
    for (const path of filesUnder(at('dist'))) {
      const stem = relative(at('dist'), path).replace(/\.js(\.map)?$/, '');
      if (/\.js(\.map)?$/.test(path) && !kept.has(stem)) {
        rmSync(path, { force: true });
      }
    }
  },
};

/** A stamp is the digest of what it was made from, then the Node ABI. */
const stampOf = (step) => `${step.wanted()} ${process.versions.modules}`;
const isDone = (step) => read(step.stamp) === stampOf(step);

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const lockFile = at('.setup.lock');
/** No set-up takes that long: the number is another process's by now. Milliseconds. */
const longest = 30 * 60_000;

const isHeld = (holder) => {
  try {
    return alive(Number(holder)) && Date.now() - statSync(lockFile).mtimeMs < longest;
  } catch {
    return true; // gone meanwhile: the next attempt takes it
  }
};

const attempt = (act, code) => {
  try {
    act();
    return true;
  } catch (error) {
    if (error.code !== code) {
      throw error;
    }
    return false;
  }
};

/** Runs the steps alone: two commands may begin at once in a fresh clone. */
const alone = (act) => {
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  let told = false;
  try {
    // link(2) makes the lock appear complete or not at all.
    while (!attempt(() => linkSync(draft, lockFile), 'EEXIST')) {
      const holder = read(lockFile);
      if (holder === '') {
        continue;
      }
      if (isHeld(holder)) {
        if (!told) {
          say(`Waiting for the set-up that process ${holder} is doing …`);
          told = true;
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
        continue;
      }
      // Taken away under our own name first: if another was faster, it is that one's live lock, and goes back.
      const aside = `${draft}.aside`;
      if (attempt(() => renameSync(lockFile, aside), 'ENOENT')) {
        if (read(aside) !== holder) {
          attempt(() => linkSync(aside, lockFile), 'EEXIST');
        }
        rmSync(aside, { force: true });
      }
    }
    try {
      act();
    } finally {
      rmSync(lockFile, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
};

try {
  checkNode();
  if (![install, build].every(isDone)) {
    alone(() => {
      for (const step of [install, build]) {
        if (!isDone(step)) {
          // Before, so that what is edited meanwhile is built again next time.
          const stamp = stampOf(step);
          step.act();
          writeFileSync(step.stamp, stamp);
        }
      }
    });
  }
} catch (error) {
  if (!(error instanceof SetupError)) {
    throw error;
  }
  say(error.message);
  process.exitCode = 1;
}
