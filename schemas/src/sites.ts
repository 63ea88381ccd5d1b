/** Tier of a site: the core is three centres, the backbone is the 13 cities. */
export type Tier = "core" | "backbone";

/** One site id. The core tile of the overview is made of three ids that share `tile: "core"`. */
export interface Site {
  readonly id: string;
  readonly tier: Tier;
  /** The tile this id is shown in: 16 ids make 14 tiles. */
  readonly tile: string;
  readonly zh: string;
  readonly en: string;
  /** Column and row of the tile on the geographic grid of the overview (not a map: no borders). */
  readonly grid: readonly [column: number, row: number];
}

const city = (id: string, zh: string, en: string, column: number, row: number): Site => ({ id, tier: "backbone", tile: id, zh, en, grid: [column, row] });
const core = (id: string, zh: string, en: string): Site => ({ id, tier: "core", tile: "core", zh, en, grid: [1, 3] });

/** The reference estate: Jiangsu province, 16 ids, 14 tiles (domain.md). */
export const SITES: readonly Site[] = [
  core("core-prod", "生产中心", "Production centre"),
  core("core-active", "双活中心", "Active-active centre"),
  core("core-dr", "异地灾备中心", "Remote DR centre"),
  city("nanjing", "南京", "Nanjing", 1, 4),
  city("wuxi", "无锡", "Wuxi", 3, 4),
  city("xuzhou", "徐州", "Xuzhou", 0, 0),
  city("changzhou", "常州", "Changzhou", 2, 4),
  city("suzhou", "苏州", "Suzhou", 4, 4),
  city("nantong", "南通", "Nantong", 4, 3),
  city("lianyungang", "连云港", "Lianyungang", 2, 0),
  city("huaian", "淮安", "Huai'an", 2, 1),
  city("yancheng", "盐城", "Yancheng", 3, 1),
  city("yangzhou", "扬州", "Yangzhou", 2, 2),
  city("zhenjiang", "镇江", "Zhenjiang", 2, 3),
  city("taizhou", "泰州", "Taizhou", 3, 2),
  city("suqian", "宿迁", "Suqian", 1, 1),
];

const BY_ID = new Map(SITES.map((site) => [site.id, site]));

/** The site of that id, or undefined: a customer's own sites are declared in topology.yaml and need no entry here. */
export function siteById(id: string): Site | undefined {
  return BY_ID.get(id);
}
