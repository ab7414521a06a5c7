// Words that somebody typed, looked for in a column: anywhere in it, and nothing in them is a pattern.

import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** Big and small letters of ASCII are the same. */
export function hasWord(column: string, word: string): RawBuilder<SqlBool> {
  const like = `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${like}) escape '\\'`
}

export const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean)
