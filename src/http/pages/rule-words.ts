// The words an editor offers while somebody writes a rule: keys, modifiers, log sources with their fields,
// tags of ATT&CK. Sent once a page.

import { LEVELS, PRODUCT_KEYS, STATUSES } from '#domain/rules/product-key.ts'
import type { Attack } from '#languages/attack/attack.ts'
import { knownSources } from '#languages/sigma/lint/logsource.ts'
import { DOCUMENT_KEYS } from '#languages/sigma/lint/metadata.ts'
import { LIST_MODIFIERS, VALUE_MODIFIERS } from '#languages/sigma/modifier.ts'
import type { KnownSource, NamedTag, Vocabulary } from '#views/rules/words.ts'

export function listWords(attack: Attack): Vocabulary {
  return {
    keys: DOCUMENT_KEYS,
    ownKeys: Object.keys(PRODUCT_KEYS),
    modifiers: [...VALUE_MODIFIERS.keys(), ...LIST_MODIFIERS],
    levels: LEVELS,
    statuses: STATUSES,
    sources: [...knownSources()].map(([line, fields]): KnownSource => {
      const [product = '-', kind = '', name = ''] = line.split(' ')
      return { ...(product === '-' ? {} : { product }), kind, name, fields: [...fields] }
    }),
    tags: tagsOf(attack),
  }
}

/** Of what is in force: nobody is offered what was withdrawn. */
function tagsOf({ tactics, techniques }: Attack): readonly NamedTag[] {
  return [
    ...[...tactics.values()].map(({ shortName, name }) => ({ tag: `attack.${shortName}`, name })),
    ...[...techniques.values()].flatMap(({ id, name, revokedBy, isDeprecated }) =>
      revokedBy === undefined && isDeprecated === undefined
        ? [{ tag: `attack.${id.toLowerCase()}`, name }]
        : [],
    ),
  ]
}
