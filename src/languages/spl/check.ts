// Names that only a schema can judge: macros and lookups of a deployment, fields of its events. Without
// a list nothing is said of them; with one, a name that is not in it is a warning, since a list may be
// old. Fields that a command left behind are known without any.

import { hasErrors, LineMap, nearest, type Problem } from '#kernel/problem.ts'
import type { Mention, QuerySchema } from '#languages/query.ts'
import { expandSearch } from './expand.ts'
import { checkFields } from './flow.ts'
import { leadsToItself, macroCalls, macrosOf, readMacros } from './macro.ts'
import { parseSpl } from './parse.ts'
import type { SplSearch } from './tree.ts'
import { allCommands } from './walk.ts'

/** Macros and lookups that a schema does not have, and fields that nothing gives. */
export function checkSpl(search: SplSearch, text: string, schema: QuerySchema): readonly Problem[] {
  const expansion = expandSearch(text, readMacros(macrosOf(schema)))
  const { value, problems } =
    expansion.text === text ? { value: search, problems: [] } : parseSpl(expansion.text)
  const map = new LineMap(text)
  const fields =
    value === undefined || hasErrors(problems)
      ? []
      : checkFields(value, expansion.text, schema, (found) => expansion.place(found), map)
  return [...checkNames(search, text, schema), ...fields]
}

function checkNames(search: SplSearch, text: string, schema: QuerySchema): readonly Problem[] {
  const { macros, lookups } = schema
  const commands = allCommands(search)
  const map = new LineMap(text)
  const warn = (name: string, at: Mention, message: string, known: readonly string[]): Problem => {
    const meant = nearest(at.name, known)
    return {
      code: `spl/${name}`,
      severity: 'warning',
      message,
      ...map.span(at.start, at.end),
      ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }),
    }
  }
  const unknownMacros = macroCalls(text).flatMap((call) => {
    const count = call.arguments.length
    const name = count === 0 ? call.name : `${call.name}(${count})`
    if (macros === undefined || name in macros || call.name in macros) return []
    const names = Object.keys(macros)
    const isOther = names.some((one) => one.startsWith(`${call.name}(`))
    const message = isOther
      ? `The macro “${call.name}” does not take ${count} arguments.`
      : `There is no macro named “${call.name}”.`
    return [warn('unknown-macro', call, message, isOther ? [] : names)]
  })
  const reader = readMacros(macrosOf(schema))
  const cycles = macroCalls(text).flatMap((call) => {
    if (!leadsToItself(call, reader)) return []
    return [warn('macro-cycle', call, `The macro “${call.name}” comes back to itself.`, [])]
  })
  const reads = commands.flatMap((command) => {
    const isLookup = command.name === 'lookup' || command.name === 'inputlookup'
    return isLookup && command.kind === 'plain' ? command.words.slice(0, 1) : []
  })
  const unknownLookups = reads.flatMap((word) => {
    if (lookups === undefined || word.name in lookups) return []
    const message = `There is no lookup named “${word.name}”.`
    return [warn('unknown-lookup', word, message, Object.keys(lookups))]
  })
  return [...unknownMacros, ...cycles, ...unknownLookups]
}
