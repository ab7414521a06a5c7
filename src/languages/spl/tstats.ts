// `tstats` over events in memory: behind a data model stand all events given, their fields under the
// name of the dataset (`Processes.user` is the field `user`), and every field counts as indexed.
// Source: Splunk Search Reference, "tstats", read 2026-11.

import { unsupported, type Fields } from '#languages/evaluation.ts'
import { compileTerm } from './filter.ts'
import { compileGroups } from './stats-steps.ts'
import { knowOptions, option, isOn, type Step, type StepScope } from './step.ts'
import { floorTo, readSpan } from './time.ts'
import type { SplStats } from './tree.ts'
import { numberIn } from './values.ts'
import { nodesOf } from './walk.ts'

/** These say how summaries are read; here there are none. */
const OF_SUMMARIES = [
  'summariesonly',
  'allow_old_summaries',
  'chunk_size',
  'include_reduced_buckets',
  'use_summary_index_values',
]

/** Throws `Refusal`. */
export function tstats(command: SplStats, scope: StepScope): Step {
  knowOptions(command, ...OF_SUMMARIES, 'span', 'fillnull_value', 'prestats', 'append')
  for (const name of ['prestats', 'append']) {
    if (isOn(command, name, false)) throw unsupported(`tstats with ${name}`, command)
  }
  const isOfModel = command.from.some(({ name }) => name === 'datamodel')
  if (command.from.length > 0 && !isOfModel) throw unsupported('This source of tstats', command)
  const holds = command.where === null ? undefined : compileTerm(command.where, scope)
  const toSpan = spanOf(command)
  const fill = option(command, 'fillnull_value')
  const moved = isOfModel ? qualifiedNames(command) : []
  const by = command.by.map(({ name }) => name)
  const group = compileGroups(command, scope)
  return (rows) => group(prepared(rows))

  function* prepared(rows: Iterable<Fields>): Generator<Fields> {
    for (const row of rows) {
      for (const [name, own] of moved) {
        const value = row.get(name) ?? row.get(own)
        if (value !== undefined) row.set(name, value)
      }
      if (holds?.(row) === false) continue
      toSpan(row)
      if (fill !== undefined) {
        for (const name of by) if (!row.has(name)) row.set(name, fill)
      }
      yield row
    }
  }
}

/** `Dataset.field`, and the field of the events that it is. */
function qualifiedNames(command: SplStats): readonly (readonly [string, string])[] {
  const nodes = nodesOf(command)
  const names = [
    ...command.by.map(({ name }) => name),
    ...nodes.flatMap((node) => {
      if (node.kind === 'field') return [node.name]
      return node.kind === 'comparison' || node.kind === 'in' ? [node.field.name] : []
    }),
  ]
  const node = nodes.find((one) => one.kind === 'comparison' && one.field.name === 'nodename')
  if (node) throw unsupported('“nodename”', node)
  return [...new Set(names)].flatMap((name) => {
    const [, own] = /^\w+\.(.+)$/.exec(name) ?? []
    return own === undefined ? [] : [[name, own] as const]
  })
}

/** `by _time span=1h` */
function spanOf(command: SplStats): (row: Fields) => void {
  const written = option(command, 'span')
  const byTime = command.by.find(({ name }) => name === '_time')
  if (!byTime) return () => {}
  if (written === undefined) throw unsupported('tstats by _time without a span', byTime)
  if (/^\d*w/i.test(written)) throw unsupported('A span of weeks', byTime)
  const span = readSpan(written)
  return (row) => {
    const at = numberIn(row.get('_time'))
    if (at !== undefined) row.set('_time', floorTo(at, span))
  }
}
