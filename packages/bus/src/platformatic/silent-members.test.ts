import { describe, expect, it } from "vitest";
import { membersBehind, type SeenMember, SilentMembers } from "./silent-members.ts";

const member = (memberId: string, memberEpoch: number, ...partitions: number[]): SeenMember => ({ memberId, memberEpoch, partitions });

describe("membersBehind", () => {
  it("is certain of who is behind only while no partition can be on its way back", () => {
    const [dead, idle] = [member("dead", 3, 0, 1), member("idle", 4)];
    expect(membersBehind({ groupEpoch: 4, assignmentEpoch: 4, members: [dead, idle] }, 2)).toEqual({ behind: [dead], isCertain: true });
    const slow = member("slow", 3, 0);
    expect(membersBehind({ groupEpoch: 4, assignmentEpoch: 4, members: [slow, idle] }, 2)).toEqual({ behind: [slow], isCertain: false });
  });

  it("finds nobody in a group that has settled, and counts a static member that is away as behind", () => {
    expect(membersBehind({ groupEpoch: 4, assignmentEpoch: 4, members: [member("a", 4, 0), member("b", 4, 1)] }, 2).behind).toEqual([]);
    const away = member("away", -2, 1);
    expect(membersBehind({ groupEpoch: 4, assignmentEpoch: 4, members: [member("a", 4, 0), away] }, 2).behind).toEqual([away]);
  });
});

describe("SilentMembers", () => {
  it("names who stays behind at one epoch, not who moves or has come just now", () => {
    const silent = new SilentMembers();
    const [dead, slow] = [member("dead", 3, 0), member("slow", 3, 1)];
    expect(silent.see([dead, slow], 0, 100)).toEqual([]);
    expect(silent.see([dead, member("slow", 4, 1), member("new", 1)], 99, 100)).toEqual([]);
    expect(silent.see([dead, slow], 100, 100)).toEqual([dead]);
    expect(silent.see([], 150, 100)).toEqual([]);
    expect(silent.see([dead], 200, 100)).toEqual([]);
  });
});
