// The views of the list of rules that a person keeps: where each leads, its name, which one they begin
// with. Nobody else sees them.

import type { SavedView } from '#domain/rules/views/store.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel } from '#views/parts/panel.tsx'

export interface ViewsPageProps {
  /** `/w/acme/rules/views`, and of the list. */
  readonly path: string
  readonly rules: string
  readonly views: readonly SavedView[]
}

export const ViewsPage = ({ path, rules, views }: ViewsPageProps) => (
  <>
    <Head
      title="Your views"
      meta={['Filters of the list of rules under a name; only you see them']}
    />
    <Panel>
      {views.length === 0 ? (
        <Empty
          icon="list-filter"
          title="No view is kept yet"
          actions={<LinkButton href={`${rules}?sort=title`}>To the list of rules</LinkButton>}
        >
          Narrow the list, then keep what you see under a name with Save view.
        </Empty>
      ) : (
        <ul class="rows">
          {views.map((view) => (
            <View view={view} path={`${path}/${view.id}`} rules={rules} />
          ))}
        </ul>
      )}
    </Panel>
  </>
)

const View = ({ view, path, rules }: { view: SavedView; path: string; rules: string }) => (
  <li>
    <span class="grow break row-s">
      <a href={`${rules}?${view.query}`} dir="auto">
        {view.name}
      </a>
      {view.isDefault && <Badge tone="accent">You begin here</Badge>}
    </span>
    <form method="post" action={path} class="row-s">
      <input
        class="input input-s"
        type="text"
        name="name"
        value={view.name}
        maxlength={100}
        required
        dir="auto"
        aria-label={`Name of ${view.name}`}
      />
      <Button size="s">Rename</Button>
    </form>
    <form method="post" action={path} class="inline">
      <input type="hidden" name="begins" value={view.isDefault ? 'no' : 'yes'} />
      <Button size="s">{view.isDefault ? 'Begin with all' : 'Begin here'}</Button>
    </form>
    <Confirm
      id={`remove-${view.id}`}
      opener="Remove"
      question={`Remove the view ${view.name}?`}
      consequence="The rules it shows stay as they are; only the name for the filter goes."
      keep="Keep it"
      verb="Remove it"
      path={`${path}/removal`}
    />
  </li>
)
