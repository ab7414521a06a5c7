// Kusto while it is typed: Microsoft's own completion, hover and colours, over the tables the query
// names; names of all other tables are added where one could stand.

import type { Completions, Editor, Suggestion, TokenClass } from '#languages/editor.ts'
import type { QuerySchema } from '#languages/query.ts'
import { knownFunctions } from './functions.ts'
import { allTables, globalsFor } from './globals.ts'
import { classify, completionsAt, quickInfo } from './microsoft.ts'

/** More than anybody reads. */
const SUGGESTIONS_MAX = 200

export const KUSTO_EDITOR: Editor = {
  colour: (text) =>
    classify(text, globalsFor(text, undefined)).map(({ kind, start, end }) => ({
      class: CLASSES[kind] ?? 'text',
      start,
      end,
    })),

  complete(text, offset, schema): Completions {
    const found = completionsAt(text, globalsFor(text, schema), offset)
    const word = text.slice(found.start, offset).toLowerCase()
    const own = found.items.flatMap(({ kind, text: shown }): readonly Suggestion[] => {
      const name = /^[^(<]*/.exec(shown)![0].trim()
      const about = shown === name ? {} : { about: shown }
      return name === '' ? [] : [{ text: name, class: KINDS[kind] ?? 'keyword', ...about }]
    })
    // Where rows may come from, they may come from another database.
    const takesTable = found.items.some((item) => item.text.startsWith('database('))
    const all = takesTable ? [...own, ...tableNames(schema)] : own
    const unique = new Map(all.map((item) => [item.text, item]))
    const items = [...unique.values()].filter((item) => item.text.toLowerCase().includes(word))
    const startsWith = (item: Suggestion) => Number(!item.text.toLowerCase().startsWith(word))
    return {
      items: items.toSorted((a, b) => startsWith(a) - startsWith(b)).slice(0, SUGGESTIONS_MAX),
      start: found.start,
      end: offset,
    }
  },

  hover: (text, offset, schema) => quickInfo(text, globalsFor(text, schema), offset),
}

function tableNames(schema: QuerySchema | undefined): readonly Suggestion[] {
  return [
    ...allTables(schema).map((text): Suggestion => ({ text, class: 'source' })),
    ...[...knownFunctions().values()].map(({ name }): Suggestion => ({
      text: name,
      class: 'function',
      about: `${name}(…)`,
    })),
  ]
}

const KINDS: Readonly<Record<string, TokenClass>> = {
  Column: 'field',
  Table: 'source',
  MaterialiedView: 'source',
  BuiltInFunction: 'function',
  LocalFunction: 'function',
  DatabaseFunction: 'function',
  AggregateFunction: 'function',
  QueryPrefix: 'command',
  TabularPrefix: 'command',
  TabularSuffix: 'command',
  ScalarInfix: 'operator',
  Variable: 'field',
  Parameter: 'field',
}

const CLASSES: Readonly<Record<string, TokenClass>> = {
  Comment: 'comment',
  Punctuation: 'punctuation',
  Literal: 'number',
  StringLiteral: 'string',
  Type: 'keyword',
  Column: 'field',
  Table: 'source',
  Database: 'source',
  MaterializedView: 'source',
  Function: 'function',
  Parameter: 'field',
  Variable: 'field',
  Identifier: 'field',
  ScalarOperator: 'operator',
  MathOperator: 'operator',
  QueryOperator: 'command',
  Command: 'command',
  Keyword: 'keyword',
}
