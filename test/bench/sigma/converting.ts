// Converting all rules to every target: the time, and the texts beside those of the reference.

import { convertRule } from '#languages/sigma/convert.ts'
import { BACKENDS } from '#languages/sigma/names.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { COMBINATIONS, compareWithReference, readSubjects } from '#test/support/sigma-reference.ts'
import type { Print } from '#test/bench/bench.ts'
import { cpu, cpuSeconds } from './measure.ts'

const PIPELINES = [
  ['spl', 'rw_splunk'],
  ['kusto', 'rw_sentinel'],
  ['kusto', 'rw_defender'],
  ['esql', 'rw_elastic'],
  ['lucene', 'rw_opensearch'],
] as const

export function benchConverting(say: Print, rules: readonly SigmaRule[]): void {
  for (const backend of BACKENDS) {
    const seconds = cpuSeconds(() => {
      for (const rule of rules) convertRule(rule, backend)
    })
    say(`convert to ${backend}`, cpu(seconds), '≤ 0.6')
  }
  for (const [backend, name] of PIPELINES) {
    const pipelines = [builtinPipeline(name)!]
    let converted = 0
    const seconds = cpuSeconds(() => {
      for (const rule of rules) {
        if (convertRule(rule, backend, pipelines).queries.length > 0) converted++
      }
    })
    const share = ((100 * converted) / rules.length).toFixed(1)
    say(`convert to ${backend} through ${name}, ${share} % placed`, cpu(seconds), '≤ 0.6')
  }
}

/** identical / explained by a named difference / unexplained / lost / won. */
export function reportTexts(say: Print): void {
  const subjects = readSubjects()
  for (const combination of COMBINATIONS) {
    const { identical, explained, unexplained, lost, won } = compareWithReference(
      combination,
      subjects,
    )
    const figures = [identical, explained, unexplained.length, lost.length, won].join(' / ')
    say(`${combination.name}: same, named, odd, lost, won`, figures)
  }
}
