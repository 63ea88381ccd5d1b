import kafkajs, { type PartitionAssigner } from "kafkajs";

/**
 * kafkajs joins a group anew as soon as it hears of a rebalance, and whoever joins has given up all partitions. The one thing
 * that it asks us before each join is the assigner's protocol data: as long as `isOpen` says no, this answers with the error
 * by which kafkajs waits a little and tries again. So the batches in hand end and are committed before the next owner begins.
 */
export function gatedAssigner(isOpen: () => boolean): PartitionAssigner {
  return (config) => {
    const assigner = kafkajs.PartitionAssigners.roundRobin(config);
    return {
      ...assigner,
      protocol: (subscription) => {
        if (!isOpen()) throw Object.assign(new Error("batches are in hand"), { type: "REBALANCE_IN_PROGRESS" });
        return assigner.protocol(subscription);
      },
    };
  };
}
