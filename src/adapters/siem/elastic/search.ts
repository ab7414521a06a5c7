// Searches in the four languages of Elasticsearch: ES|QL and EQL are kept under an id there, Lucene and
// Kibana queries are paged in a frozen view.

import { z } from 'zod'
import type { SearchRequest, SiemSearch } from '#domain/targets/port.ts'
import type { ElasticClient } from './client.ts'
import { keptSearch, openKeptSearches } from './kept-searches.ts'
import { cancelPaged, pagedSearch, pollPaged, readPaged, startPaged } from './paged-searches.ts'
import type { ElasticSettings } from './settings.ts'

const remoteSearch = z.union([pagedSearch, keptSearch])

export function openSearch(client: ElasticClient, settings: ElasticSettings): SiemSearch {
  const kept = openKeptSearches(client, settings)
  return {
    languages: ['esql', 'eql', 'kuery', 'lucene'],
    isResumable: true,
    async start(request, signal) {
      const opaqueId = opaqueIdOf(request)
      const { language } = request.query
      const isKept = language === 'esql' || language === 'eql'
      const remote = isKept
        ? await kept.start(request, opaqueId, signal)
        : await startPaged(client, settings, { request, opaqueId }, signal)
      return { remote, first: null }
    },
    poll(given, signal) {
      const remote = remoteSearch.parse(given)
      return remote.via === 'pit' ? pollPaged(client, remote, signal) : kept.poll(remote, signal)
    },
    rows(given, page, signal) {
      const remote = remoteSearch.parse(given)
      return remote.via === 'pit'
        ? readPaged(client, remote, page, signal)
        : kept.rows(remote, page, signal)
    },
    cancel(given, signal) {
      const remote = remoteSearch.parse(given)
      return remote.via === 'pit'
        ? cancelPaged(client, remote, signal)
        : kept.cancel(remote, signal)
    },
  }
}

const ID_CHARS_MAX = 200

/** Shown by the list of tasks and the slow logs: which search this is, whose, and what for. */
function opaqueIdOf({ segmentId, person, purpose }: SearchRequest): string {
  const told = `rulewright ${segmentId} ${person} ${purpose}`
  return told
    .normalize('NFKD')
    .replaceAll(/[^ -~]/g, '')
    .trim()
    .slice(0, ID_CHARS_MAX)
    .trimEnd()
}
