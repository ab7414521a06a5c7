import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ANY, ONE } from '#languages/predicate.ts'
import { hasHostBits, isInNetwork, parseNetwork } from '#languages/cidr.ts'
import { isSurprising, resolvePlain } from '#languages/sigma/scalar.ts'
import { readText, withPlaceholders, writeText } from '#languages/sigma/value.ts'
import { windashVariants } from '#languages/sigma/windash.ts'

void test('a backslash is itself unless it stands before a wildcard or a backslash', () => {
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    ['C:\\Windows\\x', ['C:\\Windows\\x']],
    ['\\\\host\\share', ['\\host\\share']],
    ['a\\*b', ['a*b']],
    ['a\\\\*b', ['a\\', ANY, 'b']],
    ['a\\\\\\*b', ['a\\*b']],
    ['\\Temp\\', ['\\Temp\\']],
    ['*a?', [ANY, 'a', ONE]],
    ['', []],
  ]
  for (const [raw, parts] of cases) assert.deepEqual(readText(raw).parts, parts, raw)
})

void test('writing a value and reading it again gives the same parts', () => {
  const raw = fc.string({ unit: fc.constantFrom('\\', '*', '?', 'a', ' ', '%') })
  fc.assert(
    fc.property(raw, (text) => {
      const { parts } = readText(text)
      assert.deepEqual(readText(writeText(parts)).parts, parts)
    }),
  )
})

void test('placeholders are words between percent signs that are not escaped', () => {
  assert.deepEqual(withPlaceholders(readText('a%b%c')).parts, ['a', { placeholder: 'b' }, 'c'])
  assert.deepEqual(withPlaceholders(readText('100\\%b%')).parts, ['100%b%'])
})

void test('plain scalars mean what YAML 1.1 readers take them for', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['yes', true],
    ['Off', false],
    ['y', 'y'],
    ['010', 8],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['12:30', 750],
    ['-17', -17],
    ['1.50', 1.5],
    ['1e3', '1e3'],
    ['10.0.0.1', '10.0.0.1'],
    ['2024-02-25', '2024-02-25'],
    ['~', null],
    ['08', '08'],
    ['12345678901234567890', '12345678901234567890'],
  ]
  for (const [text, value] of cases) assert.equal(resolvePlain(text), value, text)
  assert.deepEqual(['010', 'yes', '12:30', '12', 'true', '0x1'].filter(isSurprising), [
    '010',
    'yes',
    '12:30',
  ])
})

void test('windash exchanges five dashes both ways, and only options when there are many', () => {
  assert.deepEqual(windashVariants(['-f']), [['-f'], ['/f'], ['–f'], ['—f'], ['―f']])
  assert.ok(windashVariants(['/accepteula'])!.some(([text]) => text === '-accepteula'))
  assert.equal(windashVariants(['-a -b'])!.length, 25)
  assert.equal(windashVariants(['a-b'])!.length, 5)
  assert.equal(windashVariants(['a-b-c-d-e -f'])!.length, 5)
  assert.equal(windashVariants(['-a -b -c -d']), undefined)
})

void test('networks of both families hold their addresses and no others', () => {
  const holds = (network: string, address: string) => isInNetwork(address, parseNetwork(network)!)
  assert.ok(holds('10.0.0.0/8', '10.255.1.2'))
  assert.ok(!holds('10.0.0.0/8', '11.0.0.0'))
  assert.ok(holds('10.0.0.0/8', '::ffff:10.1.1.1'))
  assert.ok(holds('fe80::/10', 'FE80::1'))
  assert.ok(!holds('fe80::/10', 'fec0::1'))
  assert.ok(!holds('::/0', '10.0.0.1'))
  assert.ok(holds('0.0.0.0/0', '1.2.3.4'))
  for (const wrong of ['10.0.0/8', '10.0.0.0/33', '010.0.0.0/8', ':::/8', 'x', '1::2::3/4']) {
    assert.equal(parseNetwork(wrong), undefined, wrong)
  }
  assert.ok(hasHostBits(parseNetwork('10.1.0.0/8')!))
})
