// What holds for the repository as a whole: its files, its papers and its packages. The arrows
// between the floors have a test of their own, test/fence.test.ts.

import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { allCommands } from '#cli/table.ts'

const root = path.resolve(import.meta.dirname, '..')

const about = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>
  readonly bugs: { readonly email: string }
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

const PAPERS = [
  'README.md',
  'SECURITY.md',
  'src/README.md',
  ...list('docs/**/*.{md,service}'),
  'docs/Containerfile',
]
const SOURCES = list('{src,views,test}/**/*.{ts,tsx,mjs,cjs}').concat('build.ts')
const TEXTS = [...list('{src,views,test,docs,static,.ci}/**/*'), ...list('*')].filter((file) =>
  /(\.(ts|tsx|mjs|cjs|json|md|toml|css|svg|service)|Containerfile|\.ci\/run)$/.test(file),
)

test('every source file opens with a comment that says what it is', () => {
  assert.ok(SOURCES.length > 50)
  // A test's name and its sentences say it already.
  const files = SOURCES.filter((file) => !file.endsWith('.test.ts'))
  const without = files.filter((file) => !/^(#!.*\n)?\/[/*]/.test(read(file)))
  assert.deepEqual(without, [])
})

test('no file names a place of one machine or the registry it was installed from', () => {
  const foreign = [/\/work\/[a-z]/, /https?:\/\/[^\s/"']*registry[^\s/"']*/i, /localhost:4873/]
  const own = 'test/house.test.ts'
  for (const file of TEXTS.filter((name) => name !== own)) {
    for (const pattern of foreign) assert.doesNotMatch(read(file), pattern, file)
  }
})

test('the lock file works with any registry: digests, no addresses', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<
      Record<string, { readonly resolved?: string; readonly integrity?: string }>
    >
  }
  const installed = Object.entries(packages).filter(([folder]) => folder !== '')
  assert.ok(installed.length > 100)
  for (const [folder, { resolved, integrity }] of installed) {
    assert.equal(resolved, undefined, folder)
    assert.match(integrity ?? '', /^sha512-/, folder)
  }
})

test('every dependency is pinned exactly', () => {
  const { dependencies, devDependencies, optionalDependencies } = about
  for (const [name, version] of Object.entries({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
  })) {
    assert.match(version, /^\d+\.\d+\.\d+(-beta\.\d+)?$/, name)
  }
})

test('the README names every npm script, and none that is not there', () => {
  const named = new Set(
    [...read('README.md').matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name!),
  )
  for (const script of Object.keys(about.scripts)) assert.ok(named.has(script), script)
  for (const name of named) {
    assert.ok(about.scripts[name] !== undefined || name === 'and', `README names npm run ${name}`)
  }
})

test('every proof that SECURITY.md names exists', () => {
  const [, walk = ''] = read('SECURITY.md').split('## ASVS 5.0')
  const rows = [...walk.matchAll(/^\| [\d.,– ]+ \|.*\| ([^|]+) \|$/gm)].map(([, proof]) => proof!)
  assert.ok(rows.length > 60, 'the premise')
  const proofs = new Set(rows.flatMap((proof) => proof.split(', ')).filter((one) => one !== '–'))
  const missing = [...proofs].filter((one) => {
    const file = one.startsWith('docs/') ? one : path.join('test', one)
    return !existsSync(path.join(root, file))
  })
  assert.deepEqual(missing, [])
})

test('every command of rulewright that a paper shows exists', async () => {
  const commands = (await allCommands()).map(({ name }) => name)
  const shown = PAPERS.flatMap((file) =>
    [...read(file).matchAll(/(?:^|`|\/)rulewright ((?:[a-z][a-z-]* ?)+)/gm)].map(([, words]) => ({
      file,
      words: words!.trim(),
    })),
  )
  assert.ok(
    shown.some(({ words }) => words === 'serve'),
    'the premise: a paper shows serve',
  )
  for (const { file, words } of shown) {
    const isKnown = commands.some((name) => words === name || words.startsWith(`${name} `))
    assert.ok(isKnown, `${file} shows \`rulewright ${words}\``)
  }
})

test('every setting that a paper names exists', () => {
  const example = read('config.example.toml')
  const environment = new Set([...example.matchAll(/RULEWRIGHT_[A-Z_]+/g)].map(([name]) => name))
  // The executable's own loader reads this one, before there are settings.
  environment.add('RULEWRIGHT_NATIVE_DIR').add('RULEWRIGHT_SECTION_KEY')
  // Commands against a server read these; a server has no setting of that name.
  environment.add('RULEWRIGHT_TOKEN').add('RULEWRIGHT_TOKEN_FILE')
  for (const file of PAPERS) {
    for (const [name] of read(file).matchAll(/RULEWRIGHT_[A-Z_]*[A-Z]\b/g)) {
      assert.ok(environment.has(name), `${file} names ${name}`)
    }
    for (const [, section, key] of read(file).matchAll(/`\[([a-z]+)\] ([a-z_]+)`/g)) {
      const name = `RULEWRIGHT_${section}_${key}`.toUpperCase()
      assert.ok(section === 'section' || environment.has(name), `${file} names [${section}] ${key}`)
    }
  }
})

test('every link of a paper inside the repository leads somewhere', () => {
  for (const file of ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'src/README.md']) {
    for (const [, target] of read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(path.join(root, path.dirname(file), target!)), `${file} → ${target}`)
    }
  }
})

test('every file that the house on one page names is there', () => {
  const named = [
    ...read('src/README.md').matchAll(/`((?:src|views|test|static|docs)\/[^`\s<>*{}…]+\.[a-z]+)`/g),
  ]
  assert.ok(named.length > 10)
  for (const [, file] of named) assert.ok(existsSync(path.join(root, file!)), file)
})

test('reports of vulnerabilities go to one address', () => {
  assert.ok(read('SECURITY.md').includes(`**${about.bugs.email}**`))
})

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

function list(pattern: string): string[] {
  const found = globSync(pattern, { cwd: root, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .toSorted()
}
