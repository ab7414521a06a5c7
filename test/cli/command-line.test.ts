// The command line's manners: help, version, and usage errors that name what exists.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FrontDoor } from '#cli/shell.ts'
import { runHere } from '#test/support/shell.ts'

const nothing: FrontDoor = {
  startApp: () => Promise.reject(new Error('not in this test')),
  openHouse: () => Promise.reject(new Error('not in this test')),
  startEstate: () => Promise.reject(new Error('not in this test')),
  listRoutes: () => Promise.reject(new Error('not in this test')),
}

const run = (...argv: string[]) => runHere(argv, { cwd: '/' }, nothing)

test('an unknown command is exit 2 and names the nearest one', async () => {
  const { code, out, err } = await run('sevre')
  assert.equal(code, 2)
  assert.equal(out, '')
  assert.match(err, /no command sevre; did you mean serve\?/)
})

test('an unknown flag is exit 2 and names the nearest one', async () => {
  const { code, err } = await run('serve', '--lisen', 'x')
  assert.equal(code, 2)
  assert.match(err, /no flag --lisen; did you mean --listen\?/)
})

test('a flag without its value, given twice, or a word too many is exit 2', async () => {
  for (const argv of [['--data'], ['--data', 'a', '--data', 'b'], ['extra']]) {
    const { code, err } = await run('serve', ...argv)
    assert.equal(code, 2, argv.join(' '))
    assert.match(err, /usage: rulewright serve/)
  }
})

test('help goes to standard output, for all and for one command', async () => {
  const all = await run('--help')
  assert.equal(all.code, 0)
  assert.match(all.out, /serve/)
  const one = await run('serve', '--help')
  assert.equal(one.code, 0)
  assert.match(one.out, /--listen HOST:PORT/)
})

test('without a command the help goes to standard error with exit 2', async () => {
  const { code, out, err } = await run()
  assert.equal(code, 2)
  assert.equal(out, '')
  assert.match(err, /usage: rulewright COMMAND/)
})

test('the version is one line', async () => {
  assert.match((await run('--version')).out, /^\d+\.\d+\.\d+$/)
})

test('what is no refusal is a bug: exit 70, and everything a developer needs', async () => {
  const broken: FrontDoor = {
    ...nothing,
    listRoutes: () => Promise.reject(new Error('unforeseen')),
  }
  const { code, out, err } = await runHere(['routes'], { cwd: '/' }, broken)
  assert.equal(code, 70)
  assert.equal(out, '')
  assert.match(err, /this is a bug[\s\S]*Error: unforeseen\n\s+at /)
})
