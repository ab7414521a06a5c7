// Checks of ATT&CK tags against a version of it. Versions come twice a year and may know
// more than ours, so a tag we do not know is a warning that names our version, never an error.

import { DIVIDED_TACTICS, type Attack, type Technique } from '#languages/attack/attack.ts'
import { nearest } from '#kernel/problem.ts'
import { valueOf, type YamlMap, type YamlScalar } from '#languages/sigma/yaml.ts'
import type { Check } from './check.ts'

/** Groups, software, data sources, mitigations, assets: namespaces of ATT&CK we hold no table of. */
const OTHER = /^(?:g|s|ds|m|a|dc|det|an|c)\d+(?:\.\d+)?$/
const TECHNIQUE = /^t\d/

interface AttackTag {
  readonly node: YamlScalar
  /** What follows `attack.`. */
  readonly name: string
}

export const ATTACK_CHECKS: readonly Check[] = [
  {
    code: 'sigma/attack-unknown',
    severity: 'warning',
    why: 'A tag that names nothing is counted nowhere: coverage shows a hole where there is none.',
    bad: 'tags: [attack.t9999]',
    good: 'tags: [attack.t1059]',
    run({ root, attack, report }) {
      const { techniques, tactics, version } = attack
      for (const { node, name } of attackTags(root)) {
        if (OTHER.test(name) || techniques.has(name) || tactics.has(name)) continue
        if ([...tactics.values()].some(({ id }) => id?.toLowerCase() === name)) continue
        const near = TECHNIQUE.test(name) ? parentOf(name, attack) : nearest(name, tactics.keys())
        const hint = near === undefined ? undefined : `Did you mean "attack.${near}"?`
        report(node, `ATT&CK ${version} has no "${name}".`, hint)
      }
    },
  },
  {
    code: 'sigma/attack-revoked',
    severity: 'warning',
    why: 'A revoked technique lives on under another number; reports count only that one.',
    bad: 'tags: [attack.t1086]',
    good: 'tags: [attack.t1059.001]',
    run({ root, attack, report }) {
      for (const { node, technique } of techniqueTags(root, attack)) {
        if (technique.revokedBy === undefined) continue
        const message = `${technique.id} ${technique.name} was revoked.`
        report(node, message, `Write attack.${technique.revokedBy.toLowerCase()}.`)
      }
    },
  },
  {
    code: 'sigma/attack-deprecated',
    severity: 'warning',
    why: 'A deprecated technique has no successor; reports leave it out.',
    bad: 'tags: [attack.t1064]',
    good: 'tags: [attack.t1059]',
    run({ root, attack, report }) {
      for (const { node, technique } of techniqueTags(root, attack)) {
        if (technique.isDeprecated) {
          report(node, `${technique.id} ${technique.name} is deprecated.`)
        }
      }
    },
  },
  {
    code: 'sigma/attack-tactic-divided',
    severity: 'info',
    why: 'ATT&CK 19 divided this tactic in two; the old name is no column of the matrix any more.',
    bad: 'tags: [attack.defense-evasion]',
    good: 'tags: [attack.stealth]',
    run({ root, attack, report }) {
      const own = techniqueTags(root, attack).flatMap(({ technique }) => technique.tactics)
      for (const { node, name } of attackTags(root)) {
        const parts = DIVIDED_TACTICS.get(name)
        if (parts === undefined) continue
        const fitting = parts.filter((part) => own.includes(part))
        const choice = (fitting.length > 0 ? fitting : parts).map((part) => `attack.${part}`)
        report(node, `The tactic "${name}" was divided.`, `Write ${choice.join(' or ')}.`)
      }
    },
  },
  {
    code: 'sigma/attack-wrong-tactic',
    severity: 'info',
    why: 'A tactic that none of the named techniques serves is a slip, or a technique is missing.',
    bad: 'tags: [attack.impact, attack.t1059]',
    good: 'tags: [attack.execution, attack.t1059]',
    run({ root, attack, report }) {
      const techniques = techniqueTags(root, attack).map(({ technique }) => technique)
      if (techniques.length === 0 || techniques.some(isWithdrawn)) return
      const served = new Set(techniques.flatMap(({ tactics }) => tactics))
      for (const { node, name } of tacticTags(root, attack)) {
        if (served.has(name)) continue
        report(node, `None of the techniques tagged here serves the tactic "${name}".`)
      }
    },
  },
  {
    code: 'sigma/attack-missing-tactic',
    severity: 'info',
    why: 'Whoever filters by tactic does not find the rule under any tactic of this technique.',
    bad: 'tags: [attack.impact, attack.t1485, attack.t1003]',
    good: 'tags: [attack.impact, attack.credential-access, attack.t1485, attack.t1003]',
    run({ root, attack, report }) {
      const named = new Set(tacticTags(root, attack).map(({ name }) => name))
      if (named.size === 0 || [...named].some((name) => DIVIDED_TACTICS.has(name))) return
      for (const { node, technique } of techniqueTags(root, attack)) {
        const { id, name, tactics } = technique
        if (isWithdrawn(technique) || tactics.some((tactic) => named.has(tactic))) continue
        const hint = `Add ${tactics.map((tactic) => `attack.${tactic}`).join(' or ')}.`
        report(node, `No tactic of ${id} ${name} is tagged.`, hint)
      }
    },
  },
]

/** Each check asks for them. */
const known = new WeakMap<YamlMap, readonly AttackTag[]>()

function attackTags(root: YamlMap): readonly AttackTag[] {
  const told = known.get(root) ?? readTags(root)
  known.set(root, told)
  return told
}

function readTags(root: YamlMap): readonly AttackTag[] {
  const tags = valueOf(root, 'tags')
  const items = tags?.kind === 'list' ? tags.items : []
  return items.flatMap((node) =>
    node.kind === 'scalar' && node.text.startsWith('attack.')
      ? [{ node, name: node.text.slice('attack.'.length) }]
      : [],
  )
}

function techniqueTags(
  root: YamlMap,
  { techniques }: Attack,
): readonly { node: YamlScalar; technique: Technique }[] {
  return attackTags(root).flatMap(({ node, name }) => {
    const technique = techniques.get(name)
    return technique === undefined ? [] : [{ node, technique }]
  })
}

function tacticTags(root: YamlMap, { tactics }: Attack): readonly AttackTag[] {
  return attackTags(root).filter(({ name }) => tactics.get(name)?.id !== undefined)
}

function isWithdrawn({ revokedBy, isDeprecated }: Technique): boolean {
  return revokedBy !== undefined || isDeprecated === true
}

/** `t1059` for a sub-technique that does not exist, `t1059.001` written `t1059.1`. */
function parentOf(name: string, { techniques }: Attack): string | undefined {
  const [parent = '', sub = ''] = name.split('.')
  const padded = `${parent}.${sub.padStart(3, '0')}`
  return [padded, parent].find((one) => one !== name && techniques.has(one))
}
