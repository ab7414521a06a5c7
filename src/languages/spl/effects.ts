// What an SPL search would do besides reading. Commands come from an allow list (commands.ts). A macro
// is looked into where its definition is given, read both as commands and as terms, since it may stand
// for either; where it is not given, or reads as neither, it is an unknown effect.

import { hasErrors } from '#kernel/problem.ts'
import type { Effect, Range } from '#languages/query.ts'
import { SPL_COMMANDS, type SplEffect } from './commands.ts'
import { callsItself, expandMacro, macroCalls, type MacroReader } from './macro.ts'
import { parseSpl } from './parse.ts'
import type { SplCommand, SplMacro, SplPlain, SplSearch } from './tree.ts'
import { allCommands, nodesOf, type SplNode } from './walk.ts'

const WHY: Readonly<Record<SplEffect, string>> = {
  writes: 'Writes to an index, a lookup, a model or a file.',
  sends: 'Sends results out of Splunk.',
  executes: 'Runs a script or a search for every result.',
  fetches: 'Fetches data from outside Splunk.',
  crosses: 'Reads from another deployment, or the configuration of this one.',
}

export function effectsOf(search: SplSearch, text: string, reader: MacroReader): readonly Effect[] {
  const commands = allCommands(search)
  return [
    ...commands.flatMap(commandEffects),
    ...commands.flatMap(nodesOf).flatMap(nodeEffects),
    ...macroCalls(text).flatMap((macro) => macroEffects(macro, reader)),
  ]
}

function commandEffects(command: SplCommand): readonly Effect[] {
  if (command.kind === 'macro') return []
  const { name, nameRange } = command
  const effect = SPL_COMMANDS.get(name)?.effect
  if (effect) return [{ kind: effect, name, why: WHY[effect], ...nameRange }]
  return command.kind === 'plain' ? argumentEffects(command) : []
}

const STORED = 'A stored search may hold any command.'

// Some commands read or act by what is named.
function argumentEffects({ name, nameRange, words, options }: SplPlain): readonly Effect[] {
  const first = words[0]?.name ?? ''
  const effect = (kind: Effect['kind'], why: string): readonly Effect[] => [
    { kind, name: `${name} ${first}`.trim(), why, ...nameRange },
  ]
  if (name === 'savedsearch' || /^savedsearch[:=]/i.test(first)) return effect('unknown', STORED)
  if (name === 'from' && /^federated:/i.test(first)) return effect('crosses', WHY.crosses)
  if (name === 'lookup' && EXTERNAL_LOOKUPS.has(first.toLowerCase())) {
    return effect('fetches', 'Asks name servers about values of the events.')
  }
  const isFitInto = name === 'fit' && words.some((word) => word.name.toLowerCase() === 'into')
  if (isFitInto) return effect('writes', WHY.writes)
  const appends = options.find((option) => option.name === 'savedsearch')
  return appends ? effect('unknown', STORED) : []
}

/** Lookups that come with Splunk and run a script. */
const EXTERNAL_LOOKUPS = new Set(['dnslookup'])

function nodeEffects(node: SplNode): readonly Effect[] {
  const isIndex =
    (node.kind === 'comparison' || node.kind === 'in') && /^index$/i.test(node.field.name)
  if (!isIndex) return []
  const values = node.kind === 'in' ? node.values : [node.value]
  return values
    .filter((value) => /^federated:/i.test(value.name))
    .map(({ name, start, end }) => ({ kind: 'crosses', name, why: WHY.crosses, start, end }))
}

function macroEffects(macro: SplMacro, reader: MacroReader): readonly Effect[] {
  if (callsItself(macro, reader)) return []
  const inside = expandMacro(macro, reader)
  if (!inside)
    return [unknown(macro, 'This macro is not known here; it may stand for any command.')]
  const asTerms = parseSpl(inside.text)
  const asCommands = parseSpl(`| ${inside.text.replace(/^\s*\|/, '')}`)
  const readings = [asTerms, asCommands]
  // An expression of eval reads as neither; it has no commands, so it can do nothing.
  const isOpaque =
    readings.every(({ problems }) => hasErrors(problems)) && inside.text.includes('|')
  const found = readings.flatMap(({ value }) =>
    value ? effectsOf(value, inside.text, inside.reader) : [],
  )
  const byName = new Map(found.map((effect) => [`${effect.kind} ${effect.name}`, effect]))
  // What a macro does is done where it is called.
  const here = [...byName.values()].map((effect) => ({ ...effect, ...rangeOf(macro) }))
  if (!isOpaque || here.length > 0) return here
  return [unknown(macro, 'The definition of this macro cannot be read.')]
}

function unknown(macro: SplMacro, why: string): Effect {
  return { kind: 'unknown', name: macro.name, why, ...rangeOf(macro) }
}

function rangeOf({ start, end }: Range): Range {
  return { start, end }
}
