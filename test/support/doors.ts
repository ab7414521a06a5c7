// What the doors of the product let people, programs and agents do, role by role, and where one is wider or
// narrower than the page beside it. From the tables that the product is served by.

import { ROLES, verbsOf, type Flag, type Role, type Verb } from '#domain/access/permission.ts'
import { BESIDE_PAGES, WITHOUT_OPERATION, WITHOUT_PAGE } from '#http/api/beside-pages.ts'
import { WITHOUT_TOOL } from '#http/mcp/without-tool.ts'
import type { RouteRow } from '#http/routes.ts'

export interface Doors {
  /** As `rulewright routes --json` prints them. */
  readonly routes: readonly RouteRow[]
  /** Of the OpenAPI document. */
  readonly operations: readonly Named[]
  /** As an agent lists them. */
  readonly tools: readonly Named[]
}

interface Named {
  readonly name: string
  readonly verb: Verb
}

/** Everybody there can be: each role, and each flag beside the least of them. */
export const PEOPLE: readonly (readonly [who: string, role: Role, flags: readonly Flag[]])[] = [
  ...ROLES.map((role) => [role, role, []] as const),
  ...(['approver', 'auditor', 'owner'] as const).map((flag) => [flag, 'viewer', [flag]] as const),
]

/** Every difference, as a sentence that says what to do; none when all doors are of one width. */
export function differencesOf(doors: Doors): readonly string[] {
  return [
    ...rowsThatDiffer(doors),
    ...PEOPLE.flatMap(([who, role, flags]) => [
      ...pagesAgainstOperations(doors, who, verbsOf(role, flags)),
      ...operationsAgainstTools(doors, who, verbsOf(role, flags)),
    ]),
  ]
}

const pagesOf = ({ routes }: Doors) => routes.filter(({ door }) => door === 'page')
const keyOf = ({ method, path }: RouteRow) => `${method} ${path}`

/** The operations that stand beside a page; none where a reason stands there. */
function besideOf(page: RouteRow): readonly string[] {
  const row = BESIDE_PAGES[keyOf(page)] ?? ''
  return row === '' || row.startsWith('!') ? [] : row.split(' ')
}

function rowsThatDiffer(doors: Doors): readonly string[] {
  const pages = pagesOf(doors)
  const keys = new Set(pages.map(keyOf))
  const known = new Set(doors.operations.map(({ name }) => name))
  const beside = new Set(pages.flatMap(besideOf))
  const table = 'src/http/api/beside-pages.ts'
  return [
    ...pages
      .filter((page) => BESIDE_PAGES[keyOf(page)] === undefined)
      .map(
        (page) =>
          `${keyOf(page)}: make an operation that calls its action, and name it in ${table}`,
      ),
    ...Object.entries(BESIDE_PAGES).flatMap(([key, row]) => {
      if (!keys.has(key)) return [`${key}: no such page; take it from ${table}`]
      if (!row.startsWith('!')) return []
      return row.slice(1) in WITHOUT_OPERATION ? [] : [`${key}: no such reason as ${row}`]
    }),
    ...[...beside, ...Object.keys(WITHOUT_PAGE)]
      .filter((name) => !known.has(name))
      .map((name) => `${name}: ${table} names it, and the document does not`),
    ...[...known]
      .filter((name) => !beside.has(name) && WITHOUT_PAGE[name] === undefined)
      .map((name) => `${name}: name it beside its page, or say in WITHOUT_PAGE why there is none`),
    ...[...beside]
      .filter((name) => WITHOUT_PAGE[name] !== undefined)
      .map((name) => `${name}: it is beside a page, so WITHOUT_PAGE is wrong`),
  ]
}

function pagesAgainstOperations(
  doors: Doors,
  who: string,
  held: ReadonlySet<string>,
): readonly string[] {
  const open = pagesOf(doors).filter(
    ({ permission }) => permission === 'signed-in' || held.has(permission),
  )
  const byPages = new Set(open.flatMap(besideOf))
  const byProgram = new Set(
    doors.operations.filter(({ verb }) => held.has(verb)).map(({ name }) => name),
  )
  return [
    ...[...byPages]
      .filter((name) => !byProgram.has(name))
      .map((name) => `${who} does ${name} on a page and may not over REST`),
    ...[...byProgram]
      .filter((name) => !byPages.has(name) && WITHOUT_PAGE[name] === undefined)
      .map((name) => `${who} may ${name} over REST and opens no page that does it`),
  ]
}

/** What is read and proposed; a verb of either is a tool's, unless a reason says that no tool has it. */
function operationsAgainstTools(
  doors: Doors,
  who: string,
  held: ReadonlySet<Verb>,
): readonly string[] {
  const verbsIn = (things: readonly Named[]) =>
    new Set(things.filter(({ verb }) => held.has(verb)).map(({ verb }) => verb))
  const without = new Set(WITHOUT_TOOL.flatMap(([, verbs]) => verbs))
  const [programs, agents] = [verbsIn(doors.operations), verbsIn(doors.tools)]
  return [
    ...[...programs]
      .filter((verb) => !agents.has(verb) && !without.has(verb))
      .map((verb) => `${who}: no tool has ${verb}; make one, or say why in WITHOUT_TOOL`),
    ...[...agents]
      .filter((verb) => !programs.has(verb) || without.has(verb))
      .map((verb) => `${who}: a tool has ${verb}, which REST has not or WITHOUT_TOOL refuses`),
  ]
}
