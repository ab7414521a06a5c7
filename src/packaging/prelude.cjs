// Stands at the top of every bundled file, main program and workers alike. It gives the bundle two
// functions: `__embedded` reads the files that ship inside, and `__loadNative` maps a native addon
// without ever leaving a file that somebody else could swap or that a kill would leave behind.
//
// Threat: a world-writable folder. The addon's SHA-256 is fixed at build time, and its bytes go to
// an anonymous file (O_TMPFILE): no name, no race, nothing to clean up.

const __embedded = (() => {
  const fs = require('node:fs')
  const path = require('node:path')
  const { Worker } = require('node:worker_threads')
  const base = __dirname
  // Inside an executable only names are listed, of one folder at a time.
  const filesIn = (folder) =>
    fs.readdirSync(folder).flatMap((name) => {
      const file = path.join(folder, name)
      return fs.statSync(file).isDirectory() ? filesIn(file) : [file]
    })
  return {
    container: process.pkg ? 'executable' : 'bundle',
    read: (file) => fs.readFileSync(path.join(base, file)),
    list: (folder) => {
      const top = path.join(base, folder)
      return filesIn(top)
        .map((file) => path.relative(top, file))
        .toSorted()
    },
    worker: (name, options) =>
      new Worker(path.join(base, 'worker.cjs'), { ...options, workerData: name }),
  }
})()

const __loadNative = (() => {
  const crypto = require('node:crypto')
  const fs = require('node:fs')
  const os = require('node:os')
  const path = require('node:path')
  const threads = require('node:worker_threads')
  const zlib = require('node:zlib')

  /** The first folder named that lets us execute what we write. */
  function candidates() {
    const { env } = process
    if (env.RULEWRIGHT_NATIVE_DIR) return [env.RULEWRIGHT_NATIVE_DIR]
    const named = ['RUNTIME_DIRECTORY', 'XDG_RUNTIME_DIR', 'CACHE_DIRECTORY', 'XDG_CACHE_HOME']
      .map((key) => env[key])
      .filter(Boolean)
      // systemd gives a list when a unit has several.
      .flatMap((value) => value.split(':'))
    const home = env.HOME ? [path.join(env.HOME, '.cache'), env.HOME] : []
    return [...named, ...home, '/dev/shm', os.tmpdir(), process.cwd()]
  }

  function bytesOf([file, sha256]) {
    const bytes = zlib.inflateSync(__embedded.read(`native/${file}.z`), { chunkSize: 4_194_304 })
    const actual = crypto.createHash('sha256').update(bytes).digest('hex')
    if (actual !== sha256) throw new Error(`the embedded addon ${file} is damaged`)
    return bytes
  }

  function open(file) {
    const module = { exports: {} }
    process.dlopen(module, file, os.constants.dlopen.RTLD_NOW)
    return module.exports
  }

  function mapAnonymously(where, addon) {
    const O_TMPFILE = 0o20200000
    const fd = fs.openSync(where, O_TMPFILE | fs.constants.O_RDWR, 0o600)
    try {
      fs.writeSync(fd, bytesOf(addon))
      const file = `/proc/self/fd/${fd}`
      // The descriptor stays open on purpose: workers map the same file through it.
      return [file, open(file)]
    } catch (error) {
      fs.closeSync(fd)
      throw error
    }
  }

  // For file systems without O_TMPFILE: a private folder, removed as soon as the file is mapped. The
  // mapping lives on, and a worker's dlopen of the same path finds it by name (glibc).
  function mapByName(where, addon) {
    const folder = fs.mkdtempSync(path.join(where, 'rulewright-native-'))
    try {
      const file = path.join(folder, addon[0])
      fs.writeFileSync(file, bytesOf(addon), { mode: 0o500, flag: 'wx' })
      return [file, open(file)]
    } finally {
      fs.rmSync(folder, { recursive: true, force: true })
    }
  }

  /** One copy of an addon a process: two copies of SQLite would break each other's POSIX locks. */
  return (addon) => {
    const key = `native:${addon[1]}`
    const known = threads.getEnvironmentData(key)
    if (known) return open(known)
    const tries = []
    for (const where of candidates()) {
      for (const map of [mapAnonymously, mapByName]) {
        try {
          const [file, exports] = map(where, addon)
          threads.setEnvironmentData(key, file)
          return exports
        } catch (error) {
          tries.push(`${where}: ${error.message}`)
        }
      }
    }
    // Nothing of the product can go on without it, and whoever catches would call it something else.
    console.error(
      `rulewright: cannot load ${addon[0]}: set RULEWRIGHT_NATIVE_DIR to a folder that this user ` +
        `can write to and that is not mounted noexec (tried ${tries.join('; ')})`,
    )
    process.exit(2)
  }
})()
