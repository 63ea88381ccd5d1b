import type { CSSProperties } from "react";
import type { Tile } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { LevelMark } from "../parts/marks.tsx";
import { SiteCard } from "./site-card.tsx";
import { tilesByUrgency, worstLevel } from "./tile-model.ts";

/** The sites where they lie, on a grid (no borders, so no map); on a narrow screen a list with what needs a look first. */
export function TileGrid({ tiles }: { tiles: readonly Tile[] }) {
  const order = new Map(tilesByUrgency(tiles).map((tile, index) => [tile.tile, index]));
  return (
    <div className="tile-grid">
      {tiles.map((tile) => (
        <div key={tile.tile} className={tile.sites.length > 1 ? "tile tile-core" : "tile"} style={place(tile, order.get(tile.tile) ?? 0)}>
          {tile.sites.length > 1 ? <CoreTile tile={tile} /> : <SiteCard state={tile.sites[0]!} />}
        </div>
      ))}
    </div>
  );
}

/** The grid of the estate leaves the lower left to the core: its tile takes four places there. */
function place({ grid: [column, row], sites }: Tile, order: number): CSSProperties {
  const variables = sites.length > 1 ? { "--column": "1 / span 2", "--row": "3 / span 2" } : { "--column": String(column + 1), "--row": String(row + 1) };
  return { ...variables, "--order": String(order) } as CSSProperties;
}

function CoreTile({ tile }: { tile: Tile }) {
  const { t } = useWords();
  const level = worstLevel(tile.sites);
  return (
    <div className={`core level-${level}`}>
      <div className="site-head">
        <h3>{t("overview/core")}</h3>
        <LevelMark level={level} />
      </div>
      <div className="core-parts">
        {tile.sites.map((site) => (
          <SiteCard key={site.site} state={site} compact />
        ))}
      </div>
    </div>
  );
}
