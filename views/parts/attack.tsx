// MITRE ATT&CK beside rules: badges of the tactics and techniques that tags name, and what somebody finds
// who looks for one.

import type { Found } from '#languages/attack/search.ts'
import type { AttackTags, TagFix } from '#languages/attack/tags.ts'
import { Badge } from './badge.tsx'
import { classes } from './icon.tsx'
import { PanelBody } from './panel.tsx'
import { Table } from './table.tsx'
import { Foreign } from './text.tsx'

/** A chip each; what is no longer in force says so in words and in its shape. */
export const AttackBadges = (props: { tags: AttackTags; fixes: readonly TagFix[] }) => {
  const { tactics, techniques, unknown } = props.tags
  const fixOf = (tag: string) => props.fixes.find((fix) => fix.tag.toLowerCase() === tag)
  return (
    <ul class="row chips" aria-label="MITRE ATT&CK">
      {tactics.map(({ tag, tactic, url }) => (
        <li>
          {url === undefined ? (
            <Former name={tactic.name} why={fixOf(tag)?.why} />
          ) : (
            <SiteLink url={url} title={tactic.id}>
              {tactic.name}
            </SiteLink>
          )}
        </li>
      ))}
      {techniques.map(({ tag, technique, name, url }) => (
        <li>
          {technique.revokedBy !== undefined || technique.isDeprecated ? (
            <Former name={`${technique.id} ${technique.name}`} why={fixOf(tag)?.why} />
          ) : (
            <SiteLink url={url} title={name} isMono>
              {technique.id}
              <span class="vh"> {name}</span>
            </SiteLink>
          )}
        </li>
      ))}
      {unknown.map((tag) => (
        <li>
          <Badge tone="unknown">
            <Foreign text={tag} /> is unknown
          </Badge>
        </li>
      ))}
    </ul>
  )
}

const Former = (props: { name: string; why: string | undefined }) => (
  <Badge tone="warn">
    {props.name} <span class="vh">{props.why ?? 'is not in force any more.'}</span>
    <span aria-hidden="true">(former)</span>
  </Badge>
)

const SiteLink = (props: {
  url: string
  title?: string | undefined
  isMono?: boolean
  children?: unknown
}) => (
  <a
    class={classes('chip', props.isMono && 'chip-mono')}
    href={props.url}
    title={props.title}
    rel="noopener noreferrer"
    target="_blank"
  >
    {props.children}
    <span class="vh"> (opens in a new tab)</span>
  </a>
)

const COLUMNS = [{ label: 'Tag' }, { label: 'Name' }, { label: 'Tactics' }]

/** What a search found, the tag to write first. */
export const AttackResults = (props: { q: string; found: readonly Found[] }) =>
  props.found.length === 0 ? (
    <PanelBody>
      <p class="muted" role="status">
        {props.q.trim() === ''
          ? 'Type an id, a name or a tactic.'
          : `ATT&CK has nothing called “${props.q}”.`}
      </p>
    </PanelBody>
  ) : (
    <Table label="Tactics and techniques found" columns={COLUMNS} isStacked>
      {props.found.map((one) => (
        <tr>
          <th scope="row" class="nowrap">
            <code>{one.tag}</code>
          </th>
          <td>
            <a href={one.url} rel="noopener noreferrer" target="_blank">
              {one.name}
              <span class="vh"> (opens in a new tab)</span>
            </a>
            {one.formerly !== undefined && <span class="muted"> was {one.formerly}</span>}
          </td>
          <td class="muted">
            {one.kind === 'tactic' ? `is a tactic, ${one.id}` : one.tactics.join(', ')}
          </td>
        </tr>
      ))}
    </Table>
  )
