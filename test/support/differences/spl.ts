// Where our SPL is not the community's, and why.

import { ANY, ONE, type Predicate } from '#languages/predicate.ts'
import {
  type Difference,
  type Subject,
  type Texts,
  both,
  conditionOf,
  escaped,
  inOurs,
  mapLeaves,
  withOptionDashes,
  withoutDoubles,
} from './difference.ts'

export const SPL_DIFFERENCES: readonly Difference[] = [
  {
    says: 'a star cannot be escaped: the backslash would be looked for',
    ...escaped('*'),
    proof: {
      detection: "{s: {P: 'a\\*b'}, condition: s}",
      event: { P: 'a*b' },
      isMatch: true,
      theirs: 'P="a\\\\*b"',
    },
  },
  {
    says: 'a question mark is one character, which only an expression can say',
    meaning: mapLeaves((leaf) =>
      leaf.test.kind === 'text'
        ? {
            ...leaf,
            test: {
              ...leaf.test,
              pattern: leaf.test.pattern.map((part) => (part === ONE ? ANY : part)),
            },
          }
        : leaf,
    ),
    proof: {
      detection: "{s: {A: x}, t: {B: 'a?'}, condition: s and not t}",
      event: { A: 'x', B: 'abc' },
      isMatch: true,
      theirs: 'A="x" NOT B="a*"',
    },
  },
  {
    says: 'NOT of an expression is computed: what != does without the field is not documented',
    writing: (texts) => withCommands(texts, /NOT $/, '!='),
    proof: {
      detection: '{s: {A: x}, t: {B|re: y}, condition: s and not t}',
      event: { A: 'x' },
      isMatch: true,
      theirs: 'A="x"\n| regex B!="y"',
      isSame: true,
    },
  },
  {
    says: 'an expression inside a group stays part of it',
    writing: (texts) => withCommands(texts, /(?<!NOT) $/, '='),
    proof: {
      detection: '{s: {A: x}, t: {B: y, C|re: z}, condition: s and not t}',
      event: { A: 'x', B: 'y', C: 'w' },
      isMatch: true,
      theirs: 'A="x" NOT (B="y")\n| regex C="z"',
    },
  },
  {
    says: 'a search must come before what is computed, and other branches keep their events',
    writing: both(withSearchBehind),
    proof: {
      detection: '{s: {A: x}, t: {C: z}, u: {B|re: y}, condition: s or t or u}',
      event: { C: 'z' },
      isMatch: true,
      theirs:
        'A="x"\n| rex field=B "(?<BMatch>y)"\n| eval BCondition=if(isnotnull(BMatch), "true", "false")\n| search OR C="z" OR BCondition="true"',
    },
  },
  {
    says: 'fields compare without case, and under OR too',
    writing: inOurs((text) => text.replaceAll(/lower\(('[^']*')\)=lower\(('[^']*')\)/g, '$1=$2')),
    proof: {
      detection: '{s: {A|fieldref: B}, condition: s}',
      event: { A: 'Ada', B: 'ada' },
      isMatch: true,
      theirs: "* | where 'A'='B'",
    },
  },
  {
    says: 'NOT reaches over all variants',
    writing: withoutGroups,
    proof: {
      detection: "{s: {A: x}, t: {C|contains|windash: ' -n'}, condition: s and not t}",
      event: { A: 'x', C: 'run /n' },
      isMatch: false,
      theirs: 'A="x" NOT C="* -n*" OR C="* /n*" OR C="* –n*" OR C="* —n*" OR C="* ―n*"',
    },
  },
  {
    says: 'every dash is exchanged',
    rule: withOptionDashes,
    writing: withoutDoubles(String.raw` OR [\w.]+=`),
    proof: {
      detection: "{s: {A|contains|windash: '/n'}, condition: s}",
      event: { A: 'run -n' },
      isMatch: true,
      theirs: 'A="*/n*"',
    },
  },
]

/** An expression that is computed and searched for, as a command behind the search. */
function withCommands({ ours, theirs }: Texts, before: RegExp, operator: '=' | '!='): Texts {
  const [, model = '', head = '', by = '', computed = '', found = '', end = ''] =
    COMPUTED.exec(ours) ?? []
  let [commands, rest, behind] = [computed, found, '']
  for (const [command, field, , expression, condition] of computed.matchAll(EXPRESSION)) {
    const moved = ` | regex ${field}${operator}"${expression}"`
    const [left, right, isMore] = rest.split(`${condition}="true"`)
    if (right === undefined || isMore !== undefined) continue
    if (!theirs.includes(moved) || !before.test(left!)) continue
    rest = `${left!.replace(/ ?(?:NOT )?$/, '')}${right}`
    commands = commands.replace(command, '')
    behind += moved
  }
  if (behind === '' || commands !== '') return { ours, theirs }
  const search = [head === '*' ? '' : head, rest].filter((one) => one !== '').join(' ')
  return { ours: `${model}${search}${by}${behind}${end}`, theirs }
}

function withoutGroups({ ours, theirs }: Texts, { predicates }: Subject): Texts {
  let text = ours
  for (const expansion of predicates.flatMap((one) => [...expansions(one)])) {
    const printed = conditionOf(expansion, 'spl')!
    text = text.replaceAll(`NOT (${printed})`, () => `NOT ${printed}`)
  }
  return { ours: text, theirs }
}

function* expansions(predicate: Predicate): Generator<Predicate> {
  if (predicate.kind === 'or' && predicate.isExpansion) yield predicate
  if (predicate.kind === 'not') yield* expansions(predicate.of)
  if (predicate.kind === 'and' || predicate.kind === 'or')
    for (const operand of predicate.of) yield* expansions(operand)
}

const EXPRESSION =
  /\| rex field=(\S+) "\(\?<(\w+)>((?:[^"\\]|\\.)*)\)" \| eval (\w+)=if\(isnotnull\(\2\), "true", "false"\) /g

const QUOTED = '(?:[^"|]|"(?:[^"\\\\]|\\\\.)*")'
const COMPUTED = new RegExp(
  `^(\\| tstats ${QUOTED}*? where )?(${QUOTED}*?)( by ${QUOTED}*?)? ?((?:\\| (?:rex|eval|regex) ${QUOTED}*)+)\\| search (${QUOTED}*?)( \\|.*)?$`,
)

const FILTER = new RegExp(`\\| regex ${QUOTED}*`, 'g')

/** What is searched for before the computations is searched for behind them. */
function withSearchBehind(text: string): string {
  const [, model = '', head, by = '', commands, rest, end = ''] = COMPUTED.exec(text) ?? []
  if (commands === undefined || (model === '' && by !== '')) return text
  const isSaid = head === '*' || head === '' || (model !== '' && rest === head)
  const filters = commands.match(FILTER) ?? []
  const search = isSaid ? rest : `${head} ${rest}`
  return [`${model}*${by} ${commands.replaceAll(FILTER, '')}| search ${search}`, ...filters]
    .map((one) => one.trimEnd())
    .join(' ')
    .concat(end)
}
