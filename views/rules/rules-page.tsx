// The rules of a workspace: a filter whose whole state stands in the address, and one line a rule.

import type { Standing } from '#domain/placements/placement.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { SavedView } from '#domain/rules/views/store.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Menu, type MenuLink } from '#views/parts/dialog.tsx'
import { clip } from '#views/parts/format.ts'
import { Head, Tabs } from '#views/parts/panel.tsx'
import { isFiltered, listQuery, type ListState } from './address.ts'
import { Filters } from './rules-filters.tsx'
import { RuleList } from './rules-list.tsx'

export interface RulesPageProps {
  /** `/w/acme/rules`. */
  readonly path: string
  readonly state: ListState
  /** Kept by whoever looks. */
  readonly views: readonly SavedView[]
  /** Null on the first page. */
  readonly cursor: string | null
  readonly items: readonly RuleSummary[]
  /** Of the rules shown; nothing while no column asks for it. */
  readonly where: readonly Standing[]
  readonly next: string | null
  /** Of all that match. */
  readonly count: number
  readonly mayWrite: boolean
  readonly mayTest: boolean
  /** Open a change. */
  readonly mayDeploy: boolean
  /** Of the workspace: `/w/acme`. */
  readonly home: string
}

export const RulesPage = (props: RulesPageProps) => (
  <>
    <Head
      title="Rules"
      actions={
        <>
          {props.mayTest && props.items.length > 0 && (
            <form method="post" action={`${props.path}/tests`} class="inline">
              <input type="hidden" name="every" value="1" />
              <Button>Run all tests</Button>
            </form>
          )}
          {props.mayWrite && (
            <>
              <LinkButton href={`${props.path}/imports`}>Import</LinkButton>
              <LinkButton kind="primary" icon="plus" href={`${props.path}/new`} data-keys="n">
                New rule
              </LinkButton>
            </>
          )}
          <Menu id="more" label="More about rules" links={moreLinks(props)} />
        </>
      }
    />
    {props.views.length > 0 && <Views {...props} />}
    <div class="stack-s">
      <Filters {...props} />
      <RuleList {...props} />
    </div>
  </>
)

function moreLinks({ path, home, mayWrite }: RulesPageProps): readonly MenuLink[] {
  return [
    { href: `${home}/groups`, label: 'Groups', icon: 'layout-grid' },
    { href: `${path}/views`, label: 'Your views', icon: 'list-filter' },
    ...(mayWrite
      ? [{ href: `${home}/upstreams`, label: 'Upstreams', icon: 'download' } as const]
      : []),
  ]
}

const Views = ({ path, views, state }: RulesPageProps) => {
  const here = listQuery(state).toString()
  return (
    <Tabs
      label="Views"
      tabs={[
        {
          href: `${path}?sort=title`,
          label: 'All',
          isCurrent: !views.some(({ query }) => query === here) && !isFiltered(state.filter),
        },
        ...views.map(({ name, query }) => ({
          href: `${path}?${query}`,
          label: clip(name, 40),
          isCurrent: query === here,
        })),
      ]}
    />
  )
}
