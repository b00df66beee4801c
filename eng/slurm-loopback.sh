#!/usr/bin/env bash
# Slurm on this machine alone, for tests: munged, slurmctld and slurmd in the foreground, until a signal ends this script.
#   sudo eng/slurm-loopback.sh FOLDER      # new; all of its files lie there
#   SLURM_CONF=FOLDER/slurm.conf sinfo
# Where network namespaces may be made, a second machine 'other' stands beside it: a network and a host name of its own, joined by a virtual
# cable, with the same disks.
# Environment: CPUS (2), how many each machine claims to have; PORT (16817), and the one after it; NETWORK (10.213.77), for the cable.
set -euo pipefail
folder=$(realpath -m "${1:?name a folder}")
port=${PORT:-16817}
network=${NETWORK:-10.213.77}
name=slurm$port
node=$(hostname -s)
address=127.0.0.1
other=
mkdir -p "$folder/state"
munge=$(mktemp -d)    # its own user must get there, whoever may enter the folder
head -c 128 /dev/urandom > "$munge/key"
chmod 600 "$munge/key"
chmod 755 "$munge"
chown -R munge: "$munge"

processes=()
trap 'kill "${processes[@]}" 2>/dev/null; wait; rm -rf "$munge"; ip netns delete "$name" 2>/dev/null || true' EXIT
trap exit TERM INT
ip netns delete "$name" 2>/dev/null || true    # of one that was killed
if ip netns add "$name" 2>> "$folder/network.log" &&
    ip link add "$name" type veth peer name cable netns "$name" 2>> "$folder/network.log"; then
    address=$network.1
    ip address add "$address/30" dev "$name"
    ip link set "$name" up
    ip -n "$name" address add "$network.2/30" dev cable
    ip -n "$name" link set cable up
    ip -n "$name" link set lo up
    # Not 'ip netns exec', which hides the control groups that slurmd looks for.
    other=(nsenter --net="/run/netns/$name" unshare --uts sh -c 'hostname other && exec "$@"' sh)
fi

cat > "$folder/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$node($address)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$munge/socket,cred_expire=30
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
NodeName=$node NodeAddr=$address CPUs=${CPUS:-2} State=UNKNOWN
${other:+NodeName=other NodeAddr=$network.2 CPUs=${CPUS:-2} State=UNKNOWN}
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
export SLURM_CONF=$folder/slurm.conf

runuser -u munge -- munged --foreground --force --socket="$munge/socket" --key-file="$munge/key" --pid-file="$munge/pid" \
    --log-file="$munge/log" --seed-file="$munge/seed" > "$folder/munged.log" 2>&1 & processes+=($!)
until [[ -S $munge/socket ]]; do sleep 0.1; kill -0 "${processes[0]}"; done
slurmctld -D -c > "$folder/slurmctld.log" 2>&1 & processes+=($!)
slurmd -D -c > "$folder/slurmd.log" 2>&1 & processes+=($!)
if [[ -n $other ]]; then
    "${other[@]}" slurmd -D -c > "$folder/slurmd-other.log" 2>&1 & processes+=($!)
fi
until [[ $(sinfo --noheader --Node --format=%t 2>/dev/null | sort -u) == idle ]]; do sleep 0.2; for process in "${processes[@]}"; do kill -0 "$process"; done; done
echo ready
wait
