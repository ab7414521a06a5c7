// Random edits of a rule here and of what stands on its target, merged: what one side changed is there
// afterwards, what both changed is a conflict that names the place, and nothing of either side is lost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergeDrift, type Standing } from '#domain/deployments/drift-merge.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import { readWritten } from '#languages/sigma/written.ts'

type Place = 'title' | 'level' | 'every' | 'description' | 'image' | 'status'
/** Which value each place has; 0 is the one that we put there. */
type Model = Readonly<Record<Place, number>>

const VALUES: Readonly<Record<Place, readonly string[]>> = {
  title: ['Whoami', 'Whoami: as "system"', 'Другое имя', "It's # no comment"],
  level: ['low', 'medium', 'high', 'critical'],
  every: ['5m', '10m', '1h', '2h'],
  description: ['Plain', 'Two\nlines', '- no list', '{no: map}'],
  image: ['\\whoami.exe', '\\hostname.exe', '\\*.exe', '\\who ami.exe'],
  status: ['test', 'stable', 'experimental', 'deprecated'],
}
const PATHS: Readonly<Record<Place, readonly string[]>> = {
  title: ['title'],
  level: ['level'],
  every: ['rulewright', 'schedule', 'every'],
  description: ['description'],
  image: ['detection', 'selection', 'Image|endswith'],
  status: ['status'],
}
const PLACES = Object.keys(VALUES) as readonly Place[]
const BASE = Object.fromEntries(PLACES.map((place) => [place, 0])) as Model
const valueOf = (model: Model, place: Place) => VALUES[place][model[place]]!

function textOf(model: Model, note = ''): string {
  const said = (place: Place) => JSON.stringify(valueOf(model, place))
  return `# Kept as it is.
title: ${said('title')}
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
status: ${said('status')}
description: ${said('description')}
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: ${said('image')} # the image
  condition: selection
level: ${said('level')}
${note}rulewright:
  schedule: {every: ${said('every')}}
`
}

interface Vendor {
  readonly kind: 'local' | 'elastic'
  /** What somebody can change over there. */
  readonly theirs: readonly Place[]
  readonly body: (model: Model) => RuleBody
}

const VENDORS: readonly Vendor[] = [
  {
    kind: 'local',
    theirs: ['title', 'level', 'every', 'image'],
    body: (model) => ({
      title: valueOf(model, 'title'),
      level: valueOf(model, 'level'),
      rule: textOf({ ...BASE, image: model.image }),
      enabled: true,
      schedule: { every: valueOf(model, 'every') },
    }),
  },
  {
    kind: 'elastic',
    theirs: ['title', 'level', 'every', 'description'],
    body: (model) => ({
      name: valueOf(model, 'title'),
      description: valueOf(model, 'description'),
      severity: valueOf(model, 'level'),
      risk_score: 21,
      type: 'query',
      language: 'kuery',
      query: 'process.name: whoami.exe',
      interval: valueOf(model, 'every'),
      from: 'now-3h',
      to: 'now',
      enabled: true,
    }),
  },
]

function standing({ body }: Vendor, model: Model): Standing {
  const made = body(model)
  return { ref: 'r', name: valueOf(model, 'title'), raw: { rule_id: 'r', ...made }, body: made }
}

const edits = (places: readonly Place[]) =>
  fc.record(
    Object.fromEntries(
      PLACES.map((place) => [place, places.includes(place) ? fc.nat(3) : fc.constant(0)]),
    ) as Record<Place, fc.Arbitrary<number>>,
  )

function at(text: string, place: Place): unknown {
  const root = readWritten(text)
  assert.ok(root, 'it is a document')
  return PATHS[place].reduce<unknown>(
    (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
    JSON.parse(root.meaning),
  )
}

for (const vendor of VENDORS) {
  test(`adopting what drifted on ${vendor.kind} loses nothing of either side`, (t) => {
    let contested = 0
    const property = fc.property(
      edits(PLACES),
      edits(vendor.theirs),
      fc.constantFrom('mine' as const, 'theirs' as const),
      (mine, theirs, prefer) => {
        const { kind } = vendor
        const sides = {
          kind,
          ours: standing(vendor, BASE),
          theirs: standing(vendor, theirs),
          base: textOf(BASE),
          mine: textOf(mine, '# Mine alone.\n'),
        }
        const { text, conflicts } = mergeDrift(sides, prefer)
        const named = conflicts.map(({ path }) => path.join('.'))
        const expected = PLACES.filter(
          (place) => mine[place] !== 0 && theirs[place] !== 0 && mine[place] !== theirs[place],
        )
        contested += expected.length
        assert.deepEqual(
          named.toSorted(),
          expected.map((place) => PATHS[place].join('.')).toSorted(),
          'what both changed is told, and nothing else',
        )
        for (const place of PLACES) {
          const isTheirs = theirs[place] !== 0 && (mine[place] === 0 || prefer === 'theirs')
          assert.equal(at(text, place), valueOf(isTheirs ? theirs : mine, place), place)
        }
        for (const note of ['# Kept as it is.', '# the image', '# Mine alone.'])
          assert.ok(text.includes(note), note)
      },
    )
    fc.assert(property, { seed: 20261122, numRuns: 300 })
    assert.ok(contested > 100, 'the premise: sides often changed the same')
    t.diagnostic(`300 merges, ${contested} places that both sides changed`)
  })
}
