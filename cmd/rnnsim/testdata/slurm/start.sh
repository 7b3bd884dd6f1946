#!/usr/bin/env bash
# Starts a Slurm of one machine, for tests: start.sh DIR PORT. DIR/slurm.conf is then what SLURM_CONF must name; PORT and the next two
# must be free. Needs root and Debian's slurm-wlm and munge. stop.sh DIR ends it.
set -euo pipefail
dir="$1" port="$2" host="$(hostname -s)"
mkdir -p "$dir"/{state,spool,log}
cat >"$dir/slurm.conf" <<CONF
ClusterName=rnnsim
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
SlurmUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SchedulerTimeSlice=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
# A munge of our own, so that one that the machine may have stays as it is.
dd if=/dev/urandom of="$dir/munge.key" bs=128 count=1 status=none
chmod 700 "$dir"
chmod 400 "$dir/munge.key"
munged --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
	--log-file="$dir/log/munged.log" --seed-file="$dir/munge.seed" --force
export SLURM_CONF="$dir/slurm.conf"
slurmctld
slurmd
for _ in $(seq 300); do
	[[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]] && exit 0
	sleep 0.2
done
echo "Slurm does not come up; its logs:" >&2
tail -n 20 "$dir"/log/* >&2
exit 1
