// Sliding windows over an image that arrives row by row, pixel by pixel, CF beats of channels a
// pixel. For each output position the beats of its window leave, REPLAY times over:
//
//   CHANNEL_OUTER = 0:  for replay, for ky, for kx, for cf     (matrix units)
//   CHANNEL_OUTER = 1:  for cf, for ky, for kx                 (pools; REPLAY is 1)
//
// ROWS rows (a power of two, at least the window's height and one stride) are kept in a ring, so the
// next rows arrive while a window is read. An output row starts when its last input row is complete.
// With a 1 x 1 image and window this is the double buffer of a vector that is read REPLAY times.

`default_nettype none

module helu_window #(
  parameter W = 8,           // bits of a beat
  parameter HEIGHT = 1,
  parameter WIDTH = 1,
  parameter CF = 1,          // beats a pixel
  parameter KH = 1,
  parameter KW = 1,
  parameter SH = 1,
  parameter SW = 1,
  parameter DH = 1,
  parameter DW = 1,
  parameter PT = 0,
  parameter PL = 0,
  parameter OH = 1,
  parameter OW = 1,
  parameter REPLAY = 1,
  parameter CHANNEL_OUTER = 0,
  parameter ROWS = 2,
  parameter RB = 1,          // log2(ROWS)
  parameter AW = 1,          // bits of an address of the ring
  parameter YB = 8,          // bits of row numbers, signed
  parameter CB = 16,         // bits of addresses within a row, signed
  parameter [W-1:0] PAD = {W{1'b0}}
) (
  input  wire         clk,
  input  wire         resetn,
  input  wire [W-1:0] s_data,
  input  wire         s_valid,
  output wire         s_ready,
  output wire [W-1:0] m_data,
  output wire         m_pad,    // this beat lies outside of the image; its data is PAD
  output wire         m_valid,
  input  wire         m_ready
);
  function integer bits(input integer count);  // of a counter below count
    begin
      bits = 1;
      while (2 ** bits < count)
        bits = bits + 1;
    end
  endfunction

  localparam PITCH = WIDTH * CF;
  localparam REACH = DH * (KH - 1);  // from a window's first row to its last
  localparam PADDED = PT > 0 || PL > 0 || (OH - 1) * SH - PT + REACH > HEIGHT - 1
      || (OW - 1) * SW - PL + DW * (KW - 1) > WIDTH - 1;
  localparam signed [YB-1:0] ONE_ROW = 1;
  localparam signed [YB-1:0] RING = ROWS;
  localparam signed [YB-1:0] LAST_ROW = HEIGHT - 1;
  localparam signed [YB-1:0] ALL_ROWS = HEIGHT;
  localparam signed [YB-1:0] FIRST_NEED = REACH - PT > HEIGHT - 1 ? HEIGHT - 1 : REACH - PT;
  localparam signed [YB-1:0] TOP = -PT;
  localparam signed [YB-1:0] STEP_Y = SH;
  localparam signed [YB-1:0] STEP_KY = DH;
  localparam signed [YB-1:0] STEP_NEED = SH + REACH;
  localparam signed [CB-1:0] LEFT = -PL * CF;
  localparam signed [CB-1:0] STEP_X = SW * CF;
  localparam signed [CB-1:0] STEP_KX = DW * CF;
  localparam signed [CB-1:0] END_X = PITCH;

  // Writing: rows are numbered through, modulo 2^YB, over all images.
  reg [W-1:0]          ring [0:ROWS*PITCH-1];
  reg [AW-1:0]         write_at;
  reg [bits(PITCH)-1:0] column;
  reg signed [YB-1:0]  written;   // complete rows
  reg signed [YB-1:0]  released;  // rows that no window will read
  wire signed [YB-1:0] kept = written - released;
  wire                 write = s_valid && s_ready;
  wire                 last_column = PITCH == 1 || column == PITCH - 1;
  assign s_ready = kept < RING;

  always @(posedge clk)
    if (!resetn) begin
      write_at <= 0;
      column   <= 0;
      written  <= 0;
    end else if (write) begin
      write_at <= write_at == ROWS * PITCH - 1 ? 0 : write_at + 1'b1;
      column   <= last_column ? 0 : column + 1'b1;
      if (last_column)
        written <= written + ONE_ROW;
    end

  always @(posedge clk)
    if (write)
      ring[write_at] <= s_data;

  // Reading. Counters that have nothing to count stay 0, and synthesis drops them.
  reg [bits(OH)-1:0]     oy;
  reg [bits(OW)-1:0]     ox;
  reg [bits(REPLAY)-1:0] replay;
  reg [bits(KH)-1:0]     ky;
  reg [bits(KW)-1:0]     kx;
  reg [bits(CF)-1:0]     cf;
  reg signed [YB-1:0]    image;     // number of the image's first row
  reg signed [YB-1:0]    window_y;  // oy * SH - PT
  reg signed [YB-1:0]    y;         // window_y + ky * DH
  reg signed [YB-1:0]    need;      // image row that the output row cannot start without
  reg signed [CB-1:0]    window_x;  // (ox * SW - PL) * CF
  reg signed [CB-1:0]    x;         // window_x + kx * DW * CF

  wire last_cf     = CF == 1 || cf == CF - 1;
  wire last_kx     = KW == 1 || kx == KW - 1;
  wire last_ky     = KH == 1 || ky == KH - 1;
  wire last_replay = REPLAY == 1 || replay == REPLAY - 1;
  wire last_ox     = OW == 1 || ox == OW - 1;
  wire last_oy     = OH == 1 || oy == OH - 1;

  // What turns over with this beat.
  wire kx_steps     = CHANNEL_OUTER ? 1'b1 : last_cf;
  wire ky_steps     = kx_steps && last_kx;
  wire window_ends  = ky_steps && last_ky;
  wire cf_steps     = CHANNEL_OUTER ? window_ends : 1'b1;
  wire ox_steps     = CHANNEL_OUTER ? cf_steps && last_cf : window_ends && last_replay;
  wire oy_steps     = ox_steps && last_ox;
  wire image_ends   = oy_steps && last_oy;

  wire signed [YB-1:0] row       = image + y;
  wire signed [YB-1:0] ahead     = written - image;
  wire signed [YB-1:0] next_y    = window_y + STEP_Y;
  wire signed [YB-1:0] next_need = window_y + STEP_NEED;
  wire signed [CB-1:0] next_x    = window_x + STEP_X;
  wire outside   = PADDED && (y < 0 || y > LAST_ROW || x < 0 || x >= END_X);
  wire row_ready = ahead > need;

  reg  valid;
  wire enable = !valid || m_ready;
  wire issue  = enable && row_ready;

  // A table: a product would take a multiplier.
  reg [AW-1:0] slot_at;
  integer      slot;
  always @* begin
    slot_at = 0;
    for (slot = 0; slot < ROWS; slot = slot + 1)
      if (row[RB-1:0] == slot)
        slot_at = slot * PITCH;
  end
  wire [CB-1:0] column_at = x + $signed({1'b0, cf});
  wire [AW-1:0] read_at   = slot_at + column_at;

  always @(posedge clk)
    if (!resetn) begin
      image    <= 0;
      released <= 0;
      oy       <= 0;
      ox       <= 0;
      replay   <= 0;
      ky       <= 0;
      kx       <= 0;
      cf       <= 0;
      window_y <= TOP;
      window_x <= LEFT;
      y        <= TOP;
      x        <= LEFT;
      need     <= FIRST_NEED;
    end else if (issue) begin
      if (cf_steps)
        cf <= last_cf ? 0 : cf + 1'b1;
      if (kx_steps)
        kx <= last_kx ? 0 : kx + 1'b1;
      if (ky_steps)
        ky <= last_ky ? 0 : ky + 1'b1;
      if (window_ends)
        replay <= last_replay ? 0 : replay + 1'b1;
      if (ox_steps)
        ox <= last_ox ? 0 : ox + 1'b1;
      if (oy_steps)
        oy <= last_oy ? 0 : oy + 1'b1;

      if (ox_steps)
        window_x <= last_ox ? LEFT : next_x;
      if (oy_steps) begin
        window_y <= last_oy ? TOP : next_y;
        need     <= last_oy ? FIRST_NEED : next_need > LAST_ROW ? LAST_ROW : next_need;
      end

      if (ox_steps)
        x <= last_ox ? LEFT : next_x;
      else if (kx_steps)
        x <= last_kx ? window_x : x + STEP_KX;
      if (oy_steps)
        y <= last_oy ? TOP : next_y;
      else if (ky_steps)
        y <= last_ky ? window_y : y + STEP_KY;

      if (image_ends)
        image <= image + ALL_ROWS;
      if (oy_steps)
        released <= last_oy ? image + ALL_ROWS : next_y < 0 ? image : image + next_y;
    end

  reg [W-1:0] data;
  reg         pad;
  always @(posedge clk)
    if (!resetn)
      valid <= 1'b0;
    else if (enable)
      valid <= row_ready;

  always @(posedge clk)
    if (issue) begin
      data <= ring[read_at];
      pad  <= outside;
    end

  assign m_data  = pad ? PAD : data;
  assign m_pad   = pad;
  assign m_valid = valid;
endmodule

`default_nettype wire
