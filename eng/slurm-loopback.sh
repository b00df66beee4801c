#!/usr/bin/env bash
# Slurm on this machine alone, for tests: munged, slurmctld and slurmd in the foreground, until a signal ends this script.
#   sudo eng/slurm-loopback.sh FOLDER      # new; all of its files lie there
#   SLURM_CONF=FOLDER/slurm.conf sinfo
# Environment: CPUS (2), how many the node claims to have; PORT (16817), and the one after it.
set -euo pipefail
folder=$(realpath -m "${1:?name a folder}")
port=${PORT:-16817}
node=$(hostname -s)
mkdir -p "$folder"/{state,spool}
munge=$(mktemp -d)    # its own user must get there, whoever may enter the folder
head -c 128 /dev/urandom > "$munge/key"
chmod 600 "$munge/key"
chmod 755 "$munge"
chown -R munge: "$munge"
cat > "$folder/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$munge/socket,cred_expire=30
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
NodeName=$node NodeAddr=127.0.0.1 CPUs=${CPUS:-2} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
export SLURM_CONF=$folder/slurm.conf

processes=()
trap 'kill "${processes[@]}" 2>/dev/null; wait; rm -rf "$munge"' EXIT
trap exit TERM INT
runuser -u munge -- munged --foreground --force --socket="$munge/socket" --key-file="$munge/key" --pid-file="$munge/pid" \
    --log-file="$munge/log" --seed-file="$munge/seed" > "$folder/munged.log" 2>&1 & processes+=($!)
until [[ -S $munge/socket ]]; do sleep 0.1; kill -0 "${processes[0]}"; done
slurmctld -D -c > "$folder/slurmctld.log" 2>&1 & processes+=($!)
slurmd -D -c > "$folder/slurmd.log" 2>&1 & processes+=($!)
until sinfo --noheader --format=%t 2>/dev/null | grep -q idle; do sleep 0.2; kill -0 "${processes[@]}"; done
echo ready
wait
