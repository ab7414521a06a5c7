// Splunk's search language. Its implicit AND binds loosest and OR tighter, so parentheses fall
// differently than elsewhere. The `search` command knows no regular expressions and no comparison of
// fields: those become commands behind it, or, inside an `or` or a group under NOT, conditions that
// are computed first and searched for after.

import {
  ONE,
  type FieldTest,
  type Leaf,
  type Predicate,
  type TextPattern,
} from '#languages/predicate.ts'
import { withExpressions } from './prepare.ts'
import { toRegex, write } from './text.ts'
import { attempt, print, Unsayable, type Dialect, type Printed } from './walk.ts'

/** An accelerated data model and the fields of it that a search shows. */
export interface DataModel {
  readonly name: string
  readonly fields: readonly string[]
}

export function printSpl(predicate: Predicate, model?: DataModel): Printed {
  return attempt('SPL', () => {
    const prefix = model === undefined ? '' : `${setOf(model)}.`
    const { search, commands } = new SplQuery(prefix).write(withExpressions(predicate, isInexact))
    return model === undefined ? search + commands : splModel(model, search, commands)
  })
}

/** Counts of the model's rows; what a search cannot say by itself follows once they are counted. */
function splModel(model: DataModel, search: string, commands: string): string {
  const { name, fields } = model
  const times = 'count min(_time) as firstTime max(_time) as lastTime'
  const options = 'summariesonly=false allow_old_summaries=true fillnull_value="null"'
  const time = (field: string) => `\n| convert timeformat="%Y-%m-%dT%H:%M:%S" ctime(${field})`
  return [
    `| tstats ${options} ${times} from datamodel=${name} where ${search} by ${fields.join(' ')}`,
    commands,
    `\n| \`drop_dm_object_name(${setOf(model)})\``,
    time('firstTime'),
    time('lastTime'),
  ].join('')
}

function setOf({ name }: DataModel): string {
  return name.slice(name.indexOf('.') + 1)
}

/** One query under construction: the commands it needs behind or in front of its search. */
class SplQuery {
  readonly #behind: string[] = []
  readonly #before: string[] = []
  readonly #counts = new Map<string, number>()
  /** Stands before every field of a data model, and is left out of the names of conditions. */
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** What the search says by itself, and the commands behind it. */
  write(predicate: Predicate): { readonly search: string; readonly commands: string } {
    const operands = conjuncts(predicate)
    const kept = operands.filter((operand) => !this.#defer(operand))
    const search = (some: readonly Predicate[]) => some.map((one) => this.#operand(one)).join(' ')
    if (kept.every(isSearchable)) {
      return { search: search(kept) || '*', commands: this.#behind.join('') }
    }
    // What comes first and is plain narrows the events before anything is computed for them.
    const plain = kept.findIndex((operand) => operand.kind !== 'test' || !isSearchable(operand))
    const rest = search(kept.slice(plain))
    const first = search(kept.slice(0, plain))
    const commands = `${this.#before.join('')}\n| search ${rest}${this.#behind.join('')}`
    return { search: first || '*', commands }
  }

  #operand(predicate: Predicate): string {
    const text = print(predicate, this.#dialect)
    return predicate.kind === 'and' ? `(${text})` : text
  }

  /** True when the operand became a command of its own. */
  #defer(operand: Predicate): boolean {
    const isNegated = operand.kind === 'not'
    const leaf = isNegated ? operand.of : operand
    if (leaf.kind !== 'test' || isSearchable(leaf)) return false
    const { field, test } = leaf
    // `where NOT …` drops events without the field, which a negation must keep, and what `regex f!=…`
    // does with them is not documented.
    if (isNegated) return false
    const isExpression = test.kind === 'regex' || test.kind === 'text'
    const condition = isExpression ? quoteSpl(patternOf(test)) : evalCondition(leaf)
    this.#behind.push(isExpression ? `\n| regex ${field}=${condition}` : `\n| where ${condition}`)
    return true
  }

  readonly #dialect: Dialect = {
    name: 'SPL',
    and: ' ',
    or: ' OR ',
    precedence: ['not', 'or', 'and'],
    isExplicit: false,
    leaf: (leaf) => (isSearchable(leaf) ? searchTest(leaf) : this.#computed(leaf as FieldTest)),
    not: (inner) => `NOT ${inner}`,
    list: (tests, isExpansion) => (isExpansion ? undefined : inList(tests)),
    constant: (value) => (value ? '*' : 'NOT *'),
  }

  #computed(leaf: FieldTest): string {
    const { field, test } = leaf
    const count = (this.#counts.get(field) ?? 0) + 1
    this.#counts.set(field, count)
    const isOfSet = field.startsWith(this.#prefix)
    const base = (isOfSet ? field.slice(this.#prefix.length) : field).replaceAll(/\W/g, '_')
    const suffix = count === 1 ? '' : String(count)
    const condition = `${base}Condition${suffix}`
    if (test.kind === 'regex' || test.kind === 'text') {
      const match = `${base}Match${suffix}`
      const pattern = quoteSpl(`(?<${match}>${patternOf(test)})`)
      this.#before.push(`\n| rex field=${splField(field)} ${pattern}`)
      this.#before.push(`\n| eval ${condition}=if(isnotnull(${match}), "true", "false")`)
    } else {
      this.#before.push(`\n| eval ${condition}=if(${evalCondition(leaf)}, "true", "false")`)
    }
    return `${condition}="true"`
  }
}

function conjuncts(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === 'and' ? predicate.of.flatMap(conjuncts) : [predicate]
}

/** Whether the `search` command can say it by itself. */
function isSearchable(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.every(isSearchable)
    case 'not':
      return isSearchable(predicate.of)
    case 'constant':
      return true
    case 'keyword':
      return true
    case 'test': {
      const { test } = predicate
      if (test.kind === 'text') return !test.isCased
      return test.kind !== 'regex' && test.kind !== 'fieldref' && test.kind !== 'time'
    }
  }
}

const OPERATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '=' } as const

function searchTest(leaf: Leaf): string {
  const { test } = leaf
  if (leaf.kind === 'keyword') return keyword(leaf)
  const field = splField(leaf.field)
  switch (test.kind) {
    case 'text':
      return `${field}=${splText(test.pattern)}`
    case 'number':
    case 'boolean':
      return `${field}=${test.value}`
    case 'null':
      return `NOT ${field}=*`
    case 'exists':
      return `${field}=*`
    case 'cidr':
      return `${field}=${quoteSpl(test.network)}`
    case 'compare':
      return `${field}${OPERATORS[test.op]}${test.value}`
    case 'verbatim':
      return test.template.replaceAll('{field}', field).replaceAll('{id}', test.id)
    default:
      throw new Unsayable(`a ${test.kind} test inside a search`)
  }
}

function keyword(leaf: Leaf): string {
  const { test } = leaf
  if (test.kind === 'text' && !test.isCased) return splText(test.pattern)
  if (test.kind === 'number' || test.kind === 'boolean') return String(test.value)
  if (test.kind === 'verbatim') return test.template.replaceAll('{id}', test.id)
  throw new Unsayable('a keyword that is a regular expression or regards case')
}

function inList(tests: readonly FieldTest[]): string | undefined {
  const values = tests.map(({ test }) => {
    if (test.kind === 'number') return String(test.value)
    return test.kind === 'text' && !test.isCased ? splText(test.pattern) : undefined
  })
  if (values.some((value) => value === undefined)) return undefined
  return `${splField(tests[0]!.field)} IN (${values.join(', ')})`
}

/** In a keyword a `?` is written as a star, which finds more: `search` knows no other wildcard. */
function splText(pattern: Parameters<typeof write>[0]): string {
  return `"${write(pattern, escapeSpl, () => '*')}"`
}

/** A star in quotes is still a wildcard to Splunk, and `?` never is. */
function isInexact(pattern: TextPattern): boolean {
  return pattern.some((part) => part === ONE || (typeof part === 'string' && part.includes('*')))
}

function escapeSpl(text: string): string {
  return text.replaceAll(/[\\"]/g, '\\$&')
}

function quoteSpl(text: string): string {
  return `"${escapeSpl(text)}"`
}

export function splField(field: string): string {
  return /^[\w.]+$/.test(field) ? field : `"${escapeSpl(field)}"`
}

function patternOf(test: FieldTest['test']): string {
  if (test.kind === 'text') return `(?s)${toRegex(test.pattern)}`
  if (test.kind !== 'regex') throw new Unsayable(`a ${test.kind} test as an expression`)
  return test.flags.length > 0 ? `(?${test.flags.join('')})${test.pattern}` : test.pattern
}

const TIME_FORMATS = {
  minute: '%M',
  hour: '%H',
  day: '%d',
  week: '%V',
  month: '%m',
  year: '%Y',
} as const

function evalCondition(leaf: FieldTest): string {
  const { test } = leaf
  const field = evalField(leaf.field)
  if (test.kind === 'time') {
    const read = (sign: string) => `strptime(${field}, "%Y-%m-%d${sign}%H:%M:%S")`
    const time = `coalesce(${read('T')}, ${read(' ')})`
    const part = `tonumber(strftime(${time}, "${TIME_FORMATS[test.part]}"))`
    return `${part}${OPERATORS[test.op]}${test.value}`
  }
  if (test.kind !== 'fieldref') throw new Unsayable(`a ${test.kind} test as a condition`)
  const other = evalField(test.other)
  const [a, b] = [`lower(${field})`, `lower(${other})`]
  switch (test.how) {
    case 'equals':
      return `${a}=${b}`
    case 'startswith':
      return `substr(${a}, 1, len(${other}))=${b}`
    case 'endswith':
      return `substr(${a}, -len(${other}))=${b}`
    case 'contains':
      return `like(${a}, "%".${b}."%")`
  }
}

function evalField(field: string): string {
  return `'${field.replaceAll(/[\\']/g, '\\$&')}'`
}
