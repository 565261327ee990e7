{{/* What pods are chosen by. */}}
{{- define "faceauth.chosen" -}}
app.kubernetes.io/name: faceauth
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What every object carries besides. */}}
{{- define "faceauth.labels" -}}
app.kubernetes.io/part-of: faceauth
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "faceauth.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The restricted profile of pod security, on a root that cannot be written. */}}
{{- define "faceauth.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
