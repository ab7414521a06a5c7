// Edits and merges of published rules: each text, as its author wrote it, keeps every line that an edit
// does not name.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editRuleText } from '#domain/rules/edit.ts'
import { mergeRuleTexts } from '#domain/rules/merge/merge.ts'
import { placeSideBySide } from '#domain/rules/merge/side-by-side.ts'
import { readCorpus } from '#test/support/corpora.ts'

test('published rules are edited in one line, and two edits of one merge', () => {
  const refused: string[] = []
  let merged = 0
  for (const { yaml, path } of readCorpus<{ yaml: string; path: string }>('sigma/rules.jsonl.gz')) {
    let mine: string
    let theirs: string
    try {
      mine = editRuleText(yaml, [{ kind: 'set', path: ['level'], value: 'informational' }])
      theirs = editRuleText(yaml, [
        { kind: 'addToList', path: ['tags'], value: 'acme.seen' },
        { kind: 'set', path: ['rulewright', 'owner'], value: 'ada@acme.example' },
      ])
    } catch (error) {
      refused.push(`${path}: ${String(error)}`)
      continue
    }
    const changed = placeSideBySide(yaml, mine).filter(({ kind }) => kind !== 'same')
    assert.ok(changed.length <= 2, `${path}\n${JSON.stringify(changed)}`)
    const lost = placeSideBySide(yaml, theirs).filter(({ kind }) => kind === 'removed')
    assert.deepEqual(lost, [], path)
    const { text, conflicts } = mergeRuleTexts({ base: yaml, mine, theirs })
    assert.deepEqual(conflicts, [], path)
    const both = editRuleText(mine, [
      { kind: 'addToList', path: ['tags'], value: 'acme.seen' },
      { kind: 'set', path: ['rulewright', 'owner'], value: 'ada@acme.example' },
    ])
    assert.equal(text, both, path)
    merged++
  }
  assert.deepEqual(refused, [])
  assert.ok(merged > 2_000, `${merged} merged`)
})
