// Preloaded into the packer (node -r): what its command line cannot be told. Written against
// @yao-pkg/pkg 6.23.0, an exact pin; a hook that is not used fails the build, and so does one that
// finds something else than it knows.
//
// 1. The generated configuration gets `execArgvExtension: none` and `--disable-sigusr1`: whoever sets
//    NODE_OPTIONS or sends a signal gets no inspector and loads no module into the product.
// 2. The main script is named without its folder: Node writes that path into the executable, and the
//    packer's random temporary name would make any two builds differ.
// 3. The packer's start code asks for the home folder and dies without HOME and a passwd entry
//    (containers with a bare uid), and prints to stdout when a debug variable is set.

'use strict'

const fs = require('node:fs/promises')
const path = require('node:path')

const { copyFile, readFile, writeFile } = fs
const used = new Set()

fs.writeFile = async (file, data, ...rest) => {
  if (path.basename(String(file)) !== 'sea-config.json') return writeFile(file, data, ...rest)
  const config = JSON.parse(data)
  expect(path.basename(config.main) === 'sea-main.js', 'the main script has another name')
  expect(path.dirname(config.main) === process.cwd(), 'the packer works in another folder')
  expect(config.execArgv === undefined, 'the packer sets flags of its own')
  used.add('configuration')
  const sealed = {
    ...config,
    main: 'sea-main.js',
    execArgv: ['--disable-sigusr1'],
    execArgvExtension: 'none',
  }
  return writeFile(file, JSON.stringify(sealed), ...rest)
}

fs.copyFile = async (from, to, ...rest) => {
  if (path.basename(String(to)) !== 'sea-main.js') return copyFile(from, to, ...rest)
  const text = await readFile(from, 'utf8')
  expect(text.includes('PKG_NATIVE_CACHE_PATH'), 'its start code does not ask for the cache folder')
  used.add('start code')
  return writeFile(to, `${startCode()}\n${text}`)
}

process.on('exit', (code) => {
  if (code !== 0 || used.size === 2) return
  console.error(`pkg-hooks: only used for ${[...used].join(', ') || 'nothing'}`)
  process.exitCode = 1
})

function startCode() {
  return [
    "process.env.PKG_NATIVE_CACHE_PATH = '/nonexistent'",
    'delete process.env.DEBUG_PKG',
    'delete process.env.DEBUG_PKG_PERF',
    // Without a handler the signal would end the process; with one it does nothing.
    "process.on('SIGUSR1', () => {})",
  ].join('\n')
}

function expect(isTrue, otherwise) {
  if (!isTrue) throw new Error(`pkg-hooks: ${otherwise}; read the packer again`)
}
