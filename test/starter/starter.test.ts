import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleMatch } from '#domain/rules/answers.ts'
import { matchRulesHere } from '#domain/rules/match-task.ts'
import { parseInstant } from '#kernel/time.ts'
import { convertAll } from '#languages/sigma/convert-files.ts'
import { examine, settle } from '#languages/sigma/lint.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import { quietDay } from '#src/starter/background.ts'
import type { SampleEvent } from '#src/starter/event.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { starterRules } from '#src/starter/starter.ts'
import { attackStory } from '#src/starter/story.ts'

const DAY = parseInstant('2026-11-21T00:00:00.000Z')!
const RULES = starterRules()
const FILES = RULES.map(({ path, text }) => ({ path, text, outlines: parseSigma(text).outlines }))

function match(events: readonly SampleEvent[]): readonly RuleMatch[] {
  const { matches, problems } = matchRulesHere({ rules: [...RULES], events: [...events] })
  assert.deepEqual(problems, [])
  return matches
}

/** By the file that holds the rule. */
function pathsOf(matches: readonly RuleMatch[]): ReadonlySet<string> {
  const paths = new Map(FILES.map(({ path, outlines }) => [outlines[0]?.id, path]))
  return new Set(matches.map(({ rule }) => paths.get(rule)!))
}

test('every starter rule is without problems, also small ones', () => {
  assert.ok(RULES.length >= 40)
  const findings = FILES.flatMap((file) => examine(file, { today: '2026-11-22' }))
  const told = settle(findings).flatMap(({ path, problems }) =>
    problems.map(({ message }) => `${path}: ${message}`),
  )
  assert.deepEqual(told, [])
})

test('every starter rule can be said in Splunk and in Sentinel', () => {
  for (const [to, pipeline] of [
    ['spl', 'rw_splunk'],
    ['kusto', 'rw_sentinel'],
  ] as const) {
    const refused = convertAll(FILES, to, [builtinPipeline(pipeline)!])
      .filter(({ conversion }) => conversion.queries.length === 0)
      .map(({ path }) => path)
    assert.deepEqual(refused, [], pipeline)
  }
})

test('each scene of the story fires the rules it names, and the story as a whole no others', () => {
  const story = attackStory(DAY)
  const events = sampleEvents(DAY)
  const matches = match(events)
  const texts = events.map((event) => JSON.stringify(event))
  const paths = new Map(FILES.map(({ path, outlines }) => [path, outlines[0]!.id]))
  for (const { event, fires, told } of story) {
    const index = texts.indexOf(JSON.stringify(event))
    const fired = matches.filter((one) =>
      'event' in one ? one.event === index : one.events.at(-1) === index,
    )
    for (const path of fires) {
      assert.ok(paths.has(path), path)
      assert.ok(
        fired.some(({ rule }) => rule === paths.get(path)),
        `${told}: ${path}`,
      )
    }
  }
  const named = new Set(story.flatMap(({ fires }) => fires))
  assert.deepEqual([...pathsOf(matches)].toSorted(), [...named].toSorted())
})

test('a quiet day fires nothing, though wrong passwords are among it', () => {
  const events = quietDay(DAY)
  assert.ok(events.some((event) => event['ResultType'] === 50126))
  assert.deepEqual([...pathsOf(match(events))], [])
})

test('the sample events are the same for everybody and in the order of their times', () => {
  const events = sampleEvents(DAY)
  assert.ok(events.length >= 1_950 && events.length <= 2_100)
  assert.deepEqual(events, sampleEvents(DAY))
  const times = events.map((event) => event['@timestamp'])
  assert.deepEqual(times, times.toSorted())
})
