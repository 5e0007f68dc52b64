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
  parameter CB = 16,         // bits of counters of rows and, signed, of addresses within a row
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
  localparam PITCH = WIDTH * CF;
  localparam signed [CB-1:0] ONE_ROW = 1;
  localparam signed [CB-1:0] RING = ROWS;
  localparam signed [CB-1:0] LAST_ROW = HEIGHT - 1;
  localparam signed [CB-1:0] FIRST_NEED =
      DH * (KH - 1) - PT > HEIGHT - 1 ? HEIGHT - 1 : DH * (KH - 1) - PT;
  localparam signed [CB-1:0] TOP = -PT;
  localparam signed [CB-1:0] LEFT = -PL * CF;
  localparam signed [CB-1:0] STEP_X = SW * CF;
  localparam signed [CB-1:0] STEP_KX = DW * CF;
  localparam signed [CB-1:0] STEP_Y = SH;
  localparam signed [CB-1:0] STEP_KY = DH;
  localparam signed [CB-1:0] END_X = PITCH;
  localparam signed [CB-1:0] HEIGHT_ROWS = HEIGHT;

  // Writing: rows are numbered through, modulo 2^CB, over all images.
  reg [W-1:0]         ring [0:ROWS*PITCH-1];
  reg [AW-1:0]        write_at;
  reg signed [CB-1:0] write_column;
  reg signed [CB-1:0] written;   // complete rows
  reg signed [CB-1:0] released;  // rows that no window will read
  wire signed [CB-1:0] kept = written - released;
  wire                write;
  assign s_ready = kept < RING;
  assign write = s_valid && s_ready;

  always @(posedge clk)
    if (!resetn) begin
      write_at     <= {AW{1'b0}};
      write_column <= {CB{1'b0}};
      written      <= {CB{1'b0}};
    end else if (write) begin
      write_at <= write_at == ROWS * PITCH - 1 ? {AW{1'b0}} : write_at + 1'b1;
      if (write_column == PITCH - 1) begin
        write_column <= {CB{1'b0}};
        written      <= written + ONE_ROW;
      end else
        write_column <= write_column + 1'b1;
    end

  always @(posedge clk)
    if (write)
      ring[write_at] <= s_data;

  // Reading.
  reg signed [CB-1:0] image;    // number of the image's first row
  reg signed [CB-1:0] oy;
  reg signed [CB-1:0] ox;
  reg signed [CB-1:0] replay;
  reg signed [CB-1:0] ky;
  reg signed [CB-1:0] kx;
  reg signed [CB-1:0] cf;
  reg signed [CB-1:0] window_y; // oy * SH - PT
  reg signed [CB-1:0] window_x; // (ox * SW - PL) * CF
  reg signed [CB-1:0] y;        // window_y + ky * DH
  reg signed [CB-1:0] x;        // window_x + kx * DW * CF
  reg signed [CB-1:0] need;     // image row that the output row cannot start without

  wire last_cf     = cf == CF - 1;
  wire last_kx     = kx == KW - 1;
  wire last_ky     = ky == KH - 1;
  wire last_replay = replay == REPLAY - 1;
  wire last_ox     = ox == OW - 1;
  wire last_oy     = oy == OH - 1;

  // What turns over with this beat.
  wire kx_steps     = CHANNEL_OUTER ? 1'b1 : last_cf;
  wire ky_steps     = kx_steps && last_kx;
  wire window_ends  = ky_steps && last_ky;
  wire cf_steps     = CHANNEL_OUTER ? window_ends : 1'b1;
  wire replay_steps = CHANNEL_OUTER ? 1'b0 : window_ends;
  wire ox_steps     = CHANNEL_OUTER ? cf_steps && last_cf : replay_steps && last_replay;
  wire oy_steps     = ox_steps && last_ox;
  wire image_ends   = oy_steps && last_oy;

  wire signed [CB-1:0] row       = image + y;
  wire signed [CB-1:0] ahead     = written - image;
  wire signed [CB-1:0] next_y    = window_y + STEP_Y;
  wire signed [CB-1:0] next_need = next_y + STEP_KY * (KH - 1);
  wire signed [CB-1:0] next_x    = window_x + STEP_X;
  wire outside = y < 0 || y > LAST_ROW || x < 0 || x >= END_X;
  wire ready_row = ahead > need;

  reg  valid;
  wire enable = !valid || m_ready;
  wire issue  = enable && ready_row;

  wire [RB-1:0] slot   = row[RB-1:0];
  wire [AW-1:0] read_at = slot * PITCH + x[AW-1:0] + cf[AW-1:0];

  always @(posedge clk)
    if (!resetn) begin
      image    <= {CB{1'b0}};
      released <= {CB{1'b0}};
      oy       <= {CB{1'b0}};
      ox       <= {CB{1'b0}};
      replay   <= {CB{1'b0}};
      ky       <= {CB{1'b0}};
      kx       <= {CB{1'b0}};
      cf       <= {CB{1'b0}};
      window_y <= TOP;
      window_x <= LEFT;
      y        <= TOP;
      x        <= LEFT;
      need     <= FIRST_NEED;
    end else if (issue) begin
      if (cf_steps)
        cf <= last_cf ? {CB{1'b0}} : cf + 1'b1;
      if (kx_steps)
        kx <= last_kx ? {CB{1'b0}} : kx + 1'b1;
      if (ky_steps)
        ky <= last_ky ? {CB{1'b0}} : ky + 1'b1;
      if (replay_steps)
        replay <= last_replay ? {CB{1'b0}} : replay + 1'b1;
      if (ox_steps)
        ox <= last_ox ? {CB{1'b0}} : ox + 1'b1;
      if (oy_steps)
        oy <= last_oy ? {CB{1'b0}} : oy + 1'b1;

      if (ox_steps)
        window_x <= last_ox ? LEFT : next_x;
      if (oy_steps)
        window_y <= last_oy ? TOP : next_y;
      if (oy_steps)
        need <= last_oy ? FIRST_NEED : next_need > LAST_ROW ? LAST_ROW : next_need;

      if (ox_steps)
        x <= last_ox ? LEFT : next_x;
      else if (kx_steps)
        x <= last_kx ? window_x : x + STEP_KX;
      if (oy_steps)
        y <= last_oy ? TOP : next_y;
      else if (ky_steps)
        y <= last_ky ? window_y : y + STEP_KY;

      if (image_ends) begin
        image    <= image + HEIGHT_ROWS;
        released <= image + HEIGHT_ROWS;
      end else if (oy_steps)
        released <= image + (next_y < 0 ? {CB{1'b0}} : next_y);
    end

  reg [W-1:0] data;
  reg         pad;
  always @(posedge clk)
    if (!resetn)
      valid <= 1'b0;
    else if (enable)
      valid <= ready_row;

  always @(posedge clk)
    if (issue)
      data <= ring[read_at];

  always @(posedge clk)
    if (issue)
      pad <= outside;

  assign m_data  = pad ? PAD : data;
  assign m_pad   = pad;
  assign m_valid = valid;
endmodule

`default_nettype wire
