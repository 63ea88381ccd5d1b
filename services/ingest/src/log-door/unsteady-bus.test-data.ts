import type { Bus } from "@yunwei/bus";
import { YunweiError } from "@yunwei/schemas";

/** A real bus that can be made to refuse, as a Kafka does that is away. */
export interface UnsteadyBus {
  readonly bus: Bus;
  isAway: boolean;
}

export function unsteadyBus(real: Bus): UnsteadyBus {
  const unsteady: UnsteadyBus = {
    isAway: false,
    bus: new Proxy(real, {
      get(target, name) {
        if (name === "publish" && unsteady.isAway) return () => Promise.reject(new YunweiError("YUNWEI_BUS_UNAVAILABLE", "away"));
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
  };
  return unsteady;
}
