// Saved searches of the other site: no Enterprise Security, and names as their authors liked them.

import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import type { Instant } from '#kernel/time.ts'
import type { SavedSearch } from '#standins/splunk/estate.ts'
import {
  columnOf,
  listDetections,
  placeOf,
  rollOf,
  splFilter,
  type Detection,
} from './detections.ts'
import { alert, AREAS, saved, type Area, type Made } from './saved-searches.ts'

const ROWS = splunkRows()

export const NEW_YORK_INDEXES: Readonly<Record<Area, string>> = {
  windows: 'win_us',
  linux: 'nix_us',
  cloud: 'saas_us',
  network: 'fw_us',
}

/** No Enterprise Security here, and names as their authors liked them. */
export function newYorkSearches(now: Instant): SavedSearch[] {
  const detections = listDetections().filter(({ name }) => rollOf(`us ${name}`, 100) < 78)
  const made = [
    ...detections.flatMap(newYorkDetection),
    ...detections.filter(({ name }) => rollOf(`tuned ${name}`, 100) < 45).map(tuned),
  ]
  return made.map((one) => saved(one, now))
}

function newYorkDetection(detection: Detection): readonly Made[] {
  const name = `US_${detection.name.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')}`
  return [alert(detection, { name, app: 'us_soc', search: newYorkSearch(detection) })]
}

function newYorkSearch(detection: Detection): string {
  const row = placeOf(ROWS, detection.log)!
  const fields = ['_time', ...detection.log.by.map((field) => columnOf(row, field))]
  const index = `index=${NEW_YORK_INDEXES[AREAS[detection.family.log]]}`
  return `${index} ${splFilter(row, detection)} | table ${fields.join(' ')}`
}

/** The same with a number, because the first was too loud. */
function tuned(detection: Detection): Made {
  const row = placeOf(ROWS, detection.log)!
  const [by = 'host'] = detection.log.by.map((field) => columnOf(row, field))
  const index = `index=${NEW_YORK_INDEXES[AREAS[detection.family.log]]}`
  const many = 5 * (1 + rollOf(`many ${detection.name}`, 6))
  const name = `US_${detection.name.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')}_gt${many}`
  const search = `${index} ${splFilter(row, detection)} | stats count by ${by} | where count > ${many}`
  return alert(detection, { name, app: 'us_soc', search })
}
