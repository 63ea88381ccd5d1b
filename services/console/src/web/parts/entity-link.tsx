import { Link } from "react-router";
import { queryOf } from "../api/request.ts";
import { useWords } from "../format/use-words.ts";

/** Address of an entity's page. @param at - event time to look at (ISO 8601), for data of the past */
export function entityPath(entity: string, at?: string): string {
  return `/entity${queryOf({ entity, at })}`;
}

/** An entity by its kind and name, leading to its page. */
export function EntityLink({ entity, at }: { entity: string; at?: string | undefined }) {
  const words = useWords();
  return (
    <Link to={entityPath(entity, at)} className="entity-link" data-item>
      {words.entity(entity)}
    </Link>
  );
}
