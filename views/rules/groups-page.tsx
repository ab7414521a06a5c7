// The groups of a workspace: what folders are to rule files, and how many rules are in each.

import type { RuleGroup } from '#domain/rules/rule.ts'
import { AsksPanel, type GroupAsksProps } from './group-asks.tsx'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field } from '#views/parts/field.tsx'
import { count, formatNumber } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Pager, Table } from '#views/parts/table.tsx'

export interface GroupsPageProps {
  /** `/w/acme/groups`, and of the list of rules. */
  readonly path: string
  readonly rules: string
  readonly items: readonly RuleGroup[]
  readonly next: string | null
  readonly isFirst: boolean
  readonly mayWrite: boolean
}

const COLUMNS = [
  { label: 'Name' },
  { label: 'Short name' },
  { label: 'Rules', isNumber: true },
] as const

export const GroupsPage = (props: GroupsPageProps) => (
  <>
    <Head
      title="Groups"
      meta={['A rule names its group in its text; a folder pushed is one too']}
    />
    <div class="halves halves-wide">
      <Panel>
        {props.items.length === 0 ? (
          <Empty icon="layout-grid" title="No group yet">
            Groups order rules as folders order files. One is added here, or by the first rule that
            names it under rulewright: group.
          </Empty>
        ) : (
          <Table label="Groups" columns={COLUMNS}>
            {props.items.map((group) => (
              <Row group={group} {...props} />
            ))}
          </Table>
        )}
        <Pager
          words={['First', 'Next']}
          shown={count(props.items.length, 'group')}
          first={props.isFirst ? null : props.path}
          next={props.next === null ? null : `${props.path}?cursor=${props.next}`}
        />
      </Panel>
      {props.mayWrite && <NewGroup path={props.path} />}
    </div>
  </>
)

const Row = ({ group, path, rules }: GroupsPageProps & { group: RuleGroup }) => (
  <tr>
    <th scope="row" class="wrap break">
      <a href={`${path}/${group.id}`} dir="auto" data-row>
        {group.name}
      </a>
    </th>
    <td class="mono break wrap">{group.slug}</td>
    <td class="num">
      <a href={`${rules}?sort=title&group=${group.slug}`}>{formatNumber(group.ruleCount)}</a>
    </td>
  </tr>
)

const NewGroup = ({ path }: { path: string }) => (
  <Panel title="New group" id="new">
    <form method="post" action={path}>
      <PanelBody>
        <Field name="name" label="Name">
          {(attributes) => <input {...attributes} type="text" maxlength={100} required />}
        </Field>
        <Field
          name="slug"
          label="Short name"
          hint="What rules name: a-z, 0-9 and hyphens. It stays."
        >
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              maxlength={64}
              pattern="[a-z0-9](?:[a-z0-9\-]{0,62}[a-z0-9])?"
              autocapitalize="off"
              required
            />
          )}
        </Field>
        <div class="row">
          <Button kind="primary">Add group</Button>
        </div>
      </PanelBody>
    </form>
  </Panel>
)

export interface GroupPageProps {
  /** `/w/acme/groups/grp_…`, and of the list of rules. */
  readonly path: string
  readonly rules: string
  readonly group: Pick<RuleGroup, 'id' | 'slug' | 'name'>
  /** Retired ones too. */
  readonly ruleCount: number
  /** Slugs that there are. */
  readonly groups: readonly string[]
  readonly mayWrite: boolean
  /** Null for whoever may not read policies. */
  readonly asks: GroupAsksProps['asks'] | null
  readonly mayAsk: boolean
  readonly settings: string
  /** Where a change of its rules begins; null for whoever may not make one. */
  readonly deploy: string | null
}

export const GroupPage = (props: GroupPageProps) => (
  <>
    <Head
      title={props.group.name}
      meta={[<span class="mono">{props.group.slug}</span>, count(props.ruleCount, 'rule')]}
      actions={
        <>
          {props.deploy !== null && props.ruleCount > 0 && (
            <LinkButton icon="rocket" href={props.deploy}>
              Deploy
            </LinkButton>
          )}
          <LinkButton href={`${props.rules}?sort=title&group=${props.group.slug}`}>
            Show its rules
          </LinkButton>
        </>
      }
    />
    <div class="stack">
      {props.asks && <AsksPanel {...props} asks={props.asks} />}
      {props.mayWrite && (
        <Panel title="Change the group" id="change">
          <form method="post" action={props.path} class="act">
            <PanelBody>
              <div class="act-line">
                <Field name="name" label="Name">
                  {(attributes) => (
                    <input
                      {...attributes}
                      type="text"
                      maxlength={100}
                      required
                      dir="auto"
                      value={props.group.name}
                    />
                  )}
                </Field>
                <Button>Rename</Button>
              </div>
            </PanelBody>
          </form>
          {props.ruleCount > 0 ? <Move {...props} /> : <Remove path={props.path} />}
        </Panel>
      )}
    </div>
  </>
)

const Move = ({ path, groups, group, ruleCount }: GroupPageProps) => (
  <form method="post" action={`${path}/move`} class="act">
    <PanelBody>
      <div class="act-line">
        <Field
          name="to"
          label="Move its rules"
          hint={`Makes a version of ${count(ruleCount, 'rule')}. A new short name makes the group; empty takes them out of any.`}
        >
          {(attributes) => (
            <input {...attributes} type="text" maxlength={64} list="groups" autocapitalize="off" />
          )}
        </Field>
        <datalist id="groups">
          {groups
            .filter((slug) => slug !== group.slug)
            .map((slug) => (
              <option value={slug} />
            ))}
        </datalist>
        <Button>Move</Button>
      </div>
    </PanelBody>
  </form>
)

const Remove = ({ path }: { path: string }) => (
  <form method="post" action={`${path}/removal`} class="act">
    <PanelBody>
      <p>No rule is in this group.</p>
      <div class="row">
        <Button kind="danger">Remove the group</Button>
      </div>
    </PanelBody>
  </form>
)
